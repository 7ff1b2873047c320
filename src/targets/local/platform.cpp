#include "targets/local/platform.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "targets/local/wal_shipper_service.h"

namespace auterity::local {
namespace {

std::string member(const Json& value, std::string_view name) {
  return std::string(string_or(find_member(value, name), ""));
}

int number(const Json& value, std::string_view name) {
  const Json* found = find_member(value, name);
  return found != nullptr && found->is_int64() ? static_cast<int>(found->get_int64()) : 0;
}

JsonObject to_json(const Pool& pool) {
  return {{"colour", pool.colour},
          {"version", pool.version},
          {"release_digest", pool.release_digest},
          {"replicas", pool.replicas},
          {"workers", pool.workers},
          {"percent", pool.percent}};
}

Result<std::vector<Pool>> parse_pools(const Json* value) {
  std::vector<Pool> pools;
  if (value != nullptr && value->is_array())
    for (const Json& entry : value->get_array())
      pools.push_back({member(entry, "colour"), member(entry, "version"),
                       member(entry, "release_digest"), number(entry, "replicas"),
                       number(entry, "workers"), number(entry, "percent")});
  if (pools.empty() || pools.front().colour.empty() || pools.front().version.empty())
    return fail(ErrorKind::invalid_input, "services/platform.json names no pool of processes",
                "restore it from a backup, or remove the file and run: auterity up");
  return pools;
}

}  // namespace

std::string Platform::local_url() const {
  return fmt::format("http://{}:{}", address == "*" ? "127.0.0.1" : address, public_port);
}

std::string Platform::service_database_url() const {
  return fmt::format("postgresql://auterity:{}@/auterity?host={}&port={}",
                     credentials.database_password, layout.run.string(), postgres_port);
}

std::string Platform::database_url() const {
  return fmt::format("postgresql://auterity:{}@127.0.0.1:{}/auterity",
                     credentials.database_password, postgres_port);
}

std::filesystem::path Platform::postgres_socket() const {
  return layout.run / fmt::format(".s.PGSQL.{}", postgres_port);
}

std::string Platform::maintenance_database_url(const std::string& database) const {
  return fmt::format("postgresql://postgres@/{}?host={}&port={}", database, layout.run.string(),
                     postgres_port);
}

std::string Platform::redis_url() const {
  return fmt::format("unix://{}?db=0&password={}", layout.socket("redis").string(),
                     credentials.redis_password);
}

const Pool* Platform::find_pool(std::string_view colour) const {
  const auto found = std::ranges::find(pools, colour, &Pool::colour);
  return found == pools.end() ? nullptr : &*found;
}

std::vector<std::string> Platform::service_names() const {
  std::vector<std::string> names{"postgres", std::string(kWalShipper), "redis"};
  for (const Pool& pool : pools) {
    for (std::string& name : pool.api_names()) names.push_back(std::move(name));
    for (std::string& name : pool.worker_names()) names.push_back(std::move(name));
  }
  names.push_back("nginx");
  names.push_back("haproxy");
  if (autoscaler) names.emplace_back(kAutoscaler);
  return names;
}

KeptFacts kept_facts(const Platform& platform) {
  return {platform.layout.run.string(), platform.address, platform.public_port,
          platform.postgres_port,       platform.pools,   platform.previous_version,
          platform.autoscaler,          platform.backups};
}

JsonObject to_json(const KeptFacts& facts) {
  JsonArray pools;
  for (const Pool& pool : facts.pools) pools.emplace_back(to_json(pool));
  JsonObject document{{"run", facts.run},
                      {"address", facts.address},
                      {"public_port", facts.public_port},
                      {"postgres_port", facts.postgres_port},
                      {"pools", std::move(pools)},
                      {"previous_version", facts.previous_version},
                      {"backup_location", facts.backups.location},
                      {"backup_key_file", facts.backups.key_file}};
  if (facts.autoscaler)
    document["autoscaler"] = JsonObject{{"environments", facts.autoscaler->environments}};
  return document;
}

Result<KeptFacts> parse_kept_facts(std::string_view text) {
  AUTERITY_TRY(value, parse_json(text));
  KeptFacts facts{member(value, "run"),
                  member(value, "address"),
                  number(value, "public_port"),
                  number(value, "postgres_port"),
                  {},
                  member(value, "previous_version"),
                  {},
                  {member(value, "backup_location"), member(value, "backup_key_file")}};
  if (facts.public_port <= 0 || facts.postgres_port <= 0 || facts.run.empty())
    return fail(ErrorKind::invalid_input, "services/platform.json lacks ports or the run folder",
                "restore it from a backup, or remove the file to have ports chosen anew");
  AUTERITY_TRY(pools, parse_pools(find_member(value, "pools")));
  facts.pools = std::move(pools);
  if (const Json* autoscaler = find_member(value, "autoscaler"); autoscaler != nullptr)
    facts.autoscaler = Autoscaler{member(*autoscaler, "environments")};
  return facts;
}

JsonObject credentials_document(const Platform& platform) {
  const Credentials& secret = platform.credentials;
  return {{"api_url", platform.api_url()},
          {"email", secret.email},
          {"password", secret.password},
          {"database_url", platform.database_url()},
          {"redis_url", platform.redis_url()},
          {"database_password", secret.database_password},
          {"redis_password", secret.redis_password},
          {"jwt_secret_key", secret.jwt_secret_key},
          {"secrets_key", secret.secrets_key}};
}

Result<Credentials> parse_credentials(std::string_view text) {
  AUTERITY_TRY(value, parse_json(text));
  Credentials secret{member(value, "email"),
                     member(value, "password"),
                     member(value, "database_password"),
                     member(value, "redis_password"),
                     member(value, "jwt_secret_key"),
                     member(value, "secrets_key")};
  if (secret.email.empty() || secret.password.empty() || secret.database_password.empty() ||
      secret.redis_password.empty() || secret.jwt_secret_key.empty() || secret.secrets_key.empty())
    return fail(ErrorKind::invalid_input, "credentials.json is incomplete",
                "restore it from a backup: without its keys stored secrets cannot be read");
  return secret;
}

}  // namespace auterity::local
