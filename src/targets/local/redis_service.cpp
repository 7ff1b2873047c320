// Redis 7 as a supervised service: an accelerator and a wake-up bus, never the only copy of
// anything, so it is bounded and not asked for durability on every write.
#include <fmt/format.h>

#include "targets/local/service_definition.h"

namespace auterity::local {
namespace {

std::string configuration(const Platform& platform) {
  return fmt::format(
      R"(port 0
unixsocket {socket}
unixsocketperm 700
requirepass {password}
daemonize no
supervised no
dir {folder}
dbfilename dump.rdb
save 300 1
appendonly no
maxmemory 256mb
maxmemory-policy allkeys-lru
stop-writes-on-bgsave-error no
tcp-keepalive 60
loglevel notice
)",
      fmt::arg("socket", platform.layout.socket("redis").string()),
      fmt::arg("password", platform.credentials.redis_password),
      fmt::arg("folder", platform.layout.redis().string()));
}

}  // namespace

ServiceDefinition define_redis(const Platform& platform) {
  // The check does not sign in: a server that asks for the password is up, one that is loading its
  // data says so.
  const std::string check =
      fmt::format("case $(redis-cli -s {} ping 2>&1) in NOAUTH*|PONG) exit 0 ;; esac\nexit 1\n",
                  platform.layout.socket("redis").string());
  std::string run = run_script_head(platform, "redis") +
                    fmt::format(
                        "exec env -i PATH=\"$PATH\" s6-notifyoncheck -d -n 0 -w 50 -t 2000 \\\n"
                        "  {}redis-server \"$PWD/data/redis.conf\"\n",
                        drop_privileges(platform));
  ServiceFile settings{"data/redis.conf", configuration(platform), 0600, true};
  return {
      .name = "redis",
      .files = {{"run", std::move(run), 0755},
                {"notification-fd", "3\n"},
                {"timeout-kill", "20000\n"},
                std::move(settings),
                check_file(check),
                end_leftovers_file(platform, "redis",
                                   {"redis-server", "TERM", platform.layout.redis().string()})}};
}

}  // namespace auterity::local
