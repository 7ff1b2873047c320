#include "targets/local/service_definition.h"

#include <fmt/format.h>

#include <cassert>

#include "core/digest.h"
#include "targets/local/wal_shipper_service.h"

namespace auterity::local {
namespace {

// After `kill -9` of an s6-supervise its service runs on, unsupervised, and holds ports and
// sockets. Processes are known by program and working directory, which none of our services changes
// (PostgreSQL moves to its data folder: the folder is an argument).
constexpr std::string_view kEndLeftovers = R"sh(leftovers() {
  for process in /proc/[0-9]*; do
    { read -r name < "$process/comm"; } 2>/dev/null || continue
    [ "$name" = "$program" ] && [ "$(readlink "$process/cwd" 2>/dev/null)" = "$folder" ] && echo "${process#/proc/}"
  done
}
found=$(leftovers)
[ -n "$found" ] || exit 0
echo "ending what an earlier supervisor left running:" $found
kill -s "$signal" $found 2>/dev/null
tries=0
while [ -n "$(leftovers)" ]; do
  tries=$((tries + 1))
  [ $tries -lt 300 ] || exit 1
  sleep 0.1
done
)sh";

}  // namespace

std::string ServiceDefinition::digest() const {
  std::string all = name;
  for (const ServiceFile& file : files)
    all += fmt::format("\n{} {:o} {} {}\n{}", file.name, file.mode, file.for_service_user,
                       file.content.size(), file.content);
  return sha256_hex(all);
}

std::string drop_privileges(const Platform& platform) {
  return platform.drops_privileges ? fmt::format("s6-setuidgid {} ", platform.service_user) : "";
}

std::string run_script_head(const Platform& platform, std::string_view name) {
  return fmt::format(
      "#!/bin/sh\n"
      "exec </dev/null 1<>{} 2>&1\n"
      "./data/end-leftovers || exit 1\n",
      (platform.layout.service(fmt::format("{}-log", name)) / "data/pipe").string());
}

ServiceFile end_leftovers_file(const Platform& platform, std::string_view name,
                               const Leftovers& old) {
  return {"data/end-leftovers",
          fmt::format("#!/bin/sh\nprogram={}\nfolder={}\nsignal={}\n{}", old.program,
                      old.folder.empty() ? platform.layout.service(name).string() : old.folder,
                      old.signal, kEndLeftovers),
          0755};
}

ServiceFile check_file(std::string script) {
  return {"data/check", "#!/bin/sh\nexec 1>/dev/null 2>&1\n" + std::move(script), 0755};
}

ServiceDefinition define_logger(const Platform& platform, std::string_view service) {
  // Ten files of ten megabytes each.
  const std::string run = fmt::format(
      "#!/bin/sh\n"
      "exec 0<>data/pipe\n"
      "exec {}s6-log -b n10 s10000000 {}\n",
      drop_privileges(platform), (platform.layout.logs() / service).string());
  return {.name = fmt::format("{}-log", service), .files = {{"run", run, 0755}}};
}

ServiceDefinition define_service(const Platform& platform, std::string_view name) {
  if (name == "postgres") return define_postgres(platform);
  if (name == "redis") return define_redis(platform);
  if (name == "nginx") return define_nginx(platform);
  if (name == "haproxy") return define_haproxy(platform);
  if (name == kWalShipper) return define_wal_shipper(platform);
  if (name == kAutoscaler) return define_autoscaler(platform);
  const PoolMember member = parse_member(name);
  assert(!member.colour.empty() && "names come from Platform::service_names()");
  return member.is_api() ? define_api(platform, name) : define_worker(platform, name);
}

}  // namespace auterity::local
