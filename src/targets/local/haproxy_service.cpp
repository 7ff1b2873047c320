// HAProxy on the public port: the counterpart of a load balancer. Both colours are servers of one
// pool; which of them gets requests is their weight, written here first, so that a HAProxy that was
// killed comes back with the same split.
#include <fmt/format.h>

#include <string>

#include "core/digest.h"
#include "targets/local/haproxy_errors.h"
#include "targets/local/service_definition.h"
#include "targets/local/traffic_split.h"

namespace auterity::local {
namespace {

constexpr int kPlacesAtOnce = 8;

std::string bind_line(const Platform& platform) {
  return platform.address == "*"
             ? fmt::format("bind :{0}\n  bind :::{0} v6only", platform.public_port)
             : fmt::format("bind {}:{}", platform.address, platform.public_port);
}

// Every colour has its places, so that a release is brought in without a reload: those of pools
// that are not there are disabled and without weight. So are those beyond a pool's replicas, and
// there are some always: a pool grows and shrinks without a reload, too.
std::string servers(const Platform& platform) {
  const auto weights = server_weights(platform.pools);
  std::string lines;
  for (const std::string_view colour : {kBlue, kGreen, kBaseline}) {
    const Pool* there = platform.find_pool(colour);
    Pool places = there == nullptr ? platform.pool() : *there;
    const int replicas = there == nullptr ? 0 : there->replicas;
    places.colour = colour;
    places.replicas = (places.replicas / kPlacesAtOnce + 1) * kPlacesAtOnce;
    int place = 0;
    for (const std::string& server : places.api_names()) {
      const bool taken = ++place <= replicas;
      lines += fmt::format("  server {} unix@{} weight {}{}\n", server,
                           platform.layout.socket(server).string(),
                           taken ? weights.find(colour)->second : 0, taken ? "" : " disabled");
    }
  }
  return lines;
}

std::string global_section(const Platform& platform, const std::string& description) {
  return fmt::format(
      R"(global
  log stdout format raw local0 info
  stats socket unix@{run}/haproxy-admin.sock mode 600 level admin expose-fd listeners
  maxconn 8000
  hard-stop-after 30s
  tune.bufsize 32768
  description {description}

)",
      fmt::arg("run", platform.layout.run.string()), fmt::arg("description", description));
}

// A request whose connection failed before anything was sent goes to another replica; one that may
// have been received is repeated only when it is safe to (GET, HEAD).
constexpr std::string_view kDefaults = R"(defaults
  mode http
  log global
  option http-keep-alive
  option redispatch 1
  option http-no-delay
  http-reuse safe
  retries 3
  retry-on conn-failure empty-response
  timeout connect 2s
  timeout client 90s
  timeout client-fin 10s
  timeout http-request 15s
  timeout http-keep-alive 60s
  timeout queue 10s
  timeout server 150s
  timeout tunnel 1h
)";

std::string defaults() { return std::string(kDefaults) + default_error_lines() + "\n"; }

// One JSON object a request.
constexpr std::string_view kLogFormat =
    R"({"timestamp":"%trg","accepted_ms":%Ts%ms,"request_id":"%[var(txn.request_id)]",)"
    R"("client":"%ci","method":"%HM","path":"%[var(txn.path),json(utf8s)]","status":%ST,"bytes":%B,)"
    R"("backend":"%b","server":"%s","duration_ms":%Ta,"response_ms":%Tr,"queue_ms":%Tw,)"
    R"("termination":"%ts"})";

std::string frontend(const Platform& platform) {
  return fmt::format(
      R"(frontend public
  {bind}
  monitor-uri /haproxy-alive
  log-format '{log_format}'
  http-request set-var(txn.request_id) uuid()
  http-request set-var(txn.request_id) req.hdr(X-Request-Id) if {{ req.hdr(X-Request-Id) -m reg ^[A-Za-z0-9._-]{{1,128}}$ }}
  http-request set-var(txn.path) path
  http-request set-header X-Request-Id %[var(txn.request_id)]
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto http
  http-after-response set-header X-Request-Id %[var(txn.request_id)]
  use_backend api if {{ path /api /metrics }} || {{ path_beg /api/ }}
  default_backend web

)",
      fmt::arg("bind", bind_line(platform)), fmt::arg("log_format", kLogFormat));
}

std::string backends(const Platform& platform) {
  return fmt::format(
      R"(backend api
  balance roundrobin
  option httpchk
  http-check send meth GET uri /api/health/readiness ver HTTP/1.1 hdr Host localhost
  http-check expect status 200
  http-request disable-l7-retry unless METH_GET or {{ method HEAD }}
  default-server check inter 1s fastinter 200ms downinter 500ms fall 2 rise 1
{api_errors}{servers}
backend web
{web_errors}  server nginx unix@{nginx}
)",
      fmt::arg("api_errors", api_error_lines()), fmt::arg("web_errors", web_error_lines()),
      fmt::arg("servers", servers(platform)),
      fmt::arg("nginx", platform.layout.socket("nginx").string()));
}

}  // namespace

std::string haproxy_description(const Platform& platform) {
  return fmt::format(
      "auterity {} {}", platform.layout.environment,
      sha256_hex(defaults() + frontend(platform) + backends(platform)).substr(0, 16));
}

ServiceDefinition define_haproxy(const Platform& platform) {
  // Ports below 1024 are root's to open: there HAProxy itself drops its privileges.
  const bool privileged = platform.public_port < 1024 && platform.drops_privileges;
  std::string settings = global_section(platform, haproxy_description(platform));
  if (privileged)
    settings.insert(settings.find('\n') + 1,
                    fmt::format("  user {0}\n  group {0}\n", platform.service_user));
  settings += defaults();
  settings += frontend(platform);
  settings += backends(platform);
  std::string run = run_script_head(platform, "haproxy") +
                    fmt::format(
                        "ulimit -n $(ulimit -Hn)\n"
                        "exec env -i PATH=\"$PATH\" s6-notifyoncheck -d -n 0 -w 50 -t 2000 \\\n"
                        "  {}haproxy -W -db -f \"$PWD/data/haproxy.cfg\"\n",
                        privileged ? "" : drop_privileges(platform));
  const std::string host = platform.address == "*" ? "127.0.0.1" : platform.address;
  return {.name = "haproxy",
          .files = {{"run", std::move(run), 0755},
                    {"notification-fd", "3\n"},
                    {"down-signal", "SIGUSR1\n"},  // requests in flight are finished
                    {"timeout-kill", "35000\n"},
                    {"data/haproxy.cfg", std::move(settings), 0644},
                    check_file(
                        fmt::format("exec curl -fsS -o /dev/null -m 2 http://{}:{}/haproxy-alive\n",
                                    host, platform.public_port)),
                    end_leftovers_file(platform, "haproxy", {"haproxy", "TERM", {}})}};
}

}  // namespace auterity::local
