// The certificates of every TLS server that the environment names.
#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <charconv>

#include "core/deadline.h"
#include "core/join_all.h"
#include "core/task_group.h"
#include "data/database_url.h"
#include "data/redis/redis_address.h"
#include "operations/check/probes.h"
#include "operations/check/tls_certificate.h"

namespace auterity::operations::check {
namespace {

constexpr Duration kLimit = std::chrono::seconds(3);
constexpr std::uint16_t kHttps = 443;
constexpr std::uint16_t kPostgres = 5432;

std::uint16_t port_or(std::string_view text, std::uint16_t fallback) {
  std::uint16_t port = fallback;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

// As libpq understands sslmode (PostgreSQL, section 34.19.3); over a socket there is no TLS.
std::optional<TlsServer> database_server(const std::string& url) {
  auto parameters = data::libpq_environment(url);
  if (!parameters) return std::nullopt;
  const std::string host = (*parameters)["PGHOST"];
  const std::string mode = (*parameters)["PGSSLMODE"];
  if (host.empty() || host.starts_with('/') || mode == "disable" || mode == "allow")
    return std::nullopt;
  return TlsServer{.where = "DATABASE_URL",
                   .host = host,
                   .port = port_or((*parameters)["PGPORT"], kPostgres),
                   .postgres = true,
                   .may_lack_tls = mode.empty() || mode == "prefer",
                   .checks_name = mode == "verify-full",
                   .must_be_trusted = mode.starts_with("verify-"),
                   .ca_file = (*parameters)["PGSSLROOTCERT"]};
}

std::optional<TlsServer> redis_server(const std::string& url) {
  const auto address = data::parse_redis_url(url);
  if (!address || !address->tls) return std::nullopt;
  return TlsServer{.where = "REDIS_URL",
                   .host = address->host,
                   .port = address->port,
                   .ca_file = address->ca_file};
}

std::optional<TlsServer> https_server(std::string where, const std::string& url) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed || parsed->scheme() != "https") return std::nullopt;
  return TlsServer{.where = std::move(where),
                   .host = parsed->host_address(),
                   .port = port_or(parsed->port(), kHttps)};
}

std::vector<TlsServer> servers_of(const Subject& subject) {
  std::vector<TlsServer> servers;
  const auto add = [&](std::optional<TlsServer> server) {
    if (server) servers.push_back(std::move(*server));
  };
  add(database_server(variable_or(subject, "DATABASE_URL", "")));
  add(redis_server(variable_or(subject, "REDIS_URL", "")));
  add(https_server("API_BASE_URL", variable_or(subject, "API_BASE_URL", "")));
  for (const char* key : {"ai_service.url", "apm.server_url"})
    add(https_server(key, subject.environment.text(key)));
  return servers;
}

Async<void> visit(Clock& clock, TlsServer server, CertificatesFacts& facts) {
  const std::string where = server.where;
  const auto found = co_await with_deadline(clock, kLimit, where + ": the handshake",
                                            fetch_certificate(clock, std::move(server)));
  if (!found)
    facts.unknown.push_back(found.error().message);
  else if (*found)
    facts.found.push_back(**found);
}

}  // namespace

Async<Result<CertificatesFacts>> ask_certificates(const Subject& subject) {
  LocalContext& context = subject.context;
  CertificatesFacts facts;
  facts.now = context.clock.now();
  if (!subject.environment.text("ssl_certificate_arn").empty())
    facts.unknown.push_back("ssl_certificate_arn: its expiry is known to ACM alone");
  TaskGroup group(context.executor, "certificates",
                  [&facts](std::string_view task, std::exception_ptr) {
                    facts.unknown.push_back(std::string(task) + ": the look at it broke off");
                  });
  for (TlsServer& server : servers_of(subject)) {
    std::string where = server.where;
    group.spawn(std::move(where), visit(context.clock, std::move(server), facts));
  }
  co_await join_all(group);
  co_return facts;
}

}  // namespace auterity::operations::check
