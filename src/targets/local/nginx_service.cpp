// nginx for the files of the web interface, behind HAProxy on a unix socket.
#include <fmt/format.h>

#include "targets/local/service_definition.h"

namespace auterity::local {
namespace {

// While another release has processes, pages that were loaded from it still find its built files.
std::string older_assets(const Platform& platform) {
  for (const Pool& pool : platform.pools)
    if (pool.version != platform.pool().version)
      return fmt::format(
          "    location /assets/ {{\n"
          "      try_files $uri @older;\n"
          "    }}\n"
          "    location @older {{\n"
          "      root {};\n"
          "      try_files $uri =404;\n"
          "    }}\n",
          (platform.release(pool) / "web").string());
  return "";
}

std::string configuration(const Platform& platform) {
  return fmt::format(
      R"(daemon off;
worker_processes 1;
pid {run}/nginx.pid;
error_log stderr warn;
events {{
  worker_connections 4096;
}}
http {{
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  charset utf-8;
  server_tokens off;
  sendfile on;
  tcp_nopush on;
  client_body_temp_path {run}/nginx-body;
  proxy_temp_path {run}/nginx-proxy;
  fastcgi_temp_path {run}/nginx-fastcgi;
  uwsgi_temp_path {run}/nginx-uwsgi;
  scgi_temp_path {run}/nginx-scgi;
  log_format json escape=json '{{"timestamp":"$time_iso8601","request_id":"$http_x_request_id",'
    '"method":"$request_method","path":"$uri","status":$status,"bytes":$body_bytes_sent,'
    '"duration_s":$request_time}}';
  access_log /dev/stdout json;
  gzip on;
  gzip_comp_level 5;
  gzip_min_length 512;
  gzip_vary on;
  gzip_proxied any;
  gzip_types text/css text/javascript application/javascript application/json image/svg+xml;
  server {{
    listen unix:{socket};
    root {web};
    add_header X-Content-Type-Options nosniff always;
    add_header X-Frame-Options DENY always;
    add_header Referrer-Policy same-origin always;
    add_header Content-Security-Policy "default-src 'self'; frame-ancestors 'none'" always;
    add_header Cache-Control $cache_control always;
    add_header X-Auterity-Release "{version}" always;
    location / {{
      try_files $uri $uri/ =404;
    }}
{older}  }}
  # Built files carry a digest in their name; everything else is asked for again each time.
  map $uri $cache_control {{
    ~^/assets/ "public, max-age=31536000, immutable";
    default "no-cache";
  }}
}}
)",
      fmt::arg("run", platform.layout.run.string()),
      fmt::arg("socket", platform.layout.socket("nginx").string()),
      fmt::arg("web", (platform.release(platform.pool()) / "web").string()),
      fmt::arg("version", platform.pool().version), fmt::arg("older", older_assets(platform)));
}

}  // namespace

ServiceDefinition define_nginx(const Platform& platform) {
  const std::string socket = platform.layout.socket("nginx").string();
  // A killed nginx leaves its socket behind and would refuse to bind it again.
  std::string run = run_script_head(platform, "nginx") +
                    fmt::format(
                        "rm -f {}\n"
                        "exec env -i PATH=\"$PATH\" s6-notifyoncheck -d -n 0 -w 50 -t 2000 \\\n"
                        "  {}nginx -e stderr -c \"$PWD/data/nginx.conf\"\n",
                        socket, drop_privileges(platform));
  return {.name = "nginx",
          .files = {
              {"run", std::move(run), 0755},
              {"notification-fd", "3\n"},
              {"down-signal", "SIGQUIT\n"},  // requests in flight are finished
              {"timeout-kill", "10000\n"},
              {"data/nginx.conf", configuration(platform)},
              check_file(fmt::format(
                  "exec curl -fsS -o /dev/null -m 2 --unix-socket {} http://localhost/\n", socket)),
              end_leftovers_file(platform, "nginx", {"nginx", "KILL", {}})}};
}

}  // namespace auterity::local
