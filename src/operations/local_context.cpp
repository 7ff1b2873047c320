#include "operations/local_context.h"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <set>

#include "core/version.h"
#include "targets/local/ports.h"
#include "targets/local/release.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kServiceUser = "auterity";
constexpr std::string_view kFirstAdministrator = "admin@auterity.local";

std::string random_hex(Random& random, std::size_t bytes) {
  std::array<std::uint8_t, 64> buffer{};
  random.fill(std::span(buffer).first(bytes));
  return fmt::format("{:02x}", fmt::join(std::span(buffer).first(bytes), ""));
}

Result<std::optional<local::KeptFacts>> find_kept(LocalContext& context) {
  const auto path = context.layout.platform_file();
  if (!context.files.exists(path)) return std::nullopt;
  AUTERITY_TRY(text, context.files.read(path));
  auto facts = local::parse_kept_facts(text);
  if (!facts) return std::unexpected(std::move(facts.error()).within(path.string()));
  return std::optional(std::move(*facts));
}

// Ports that other environments of this machine keep, whether they run or not.
std::set<int> kept_ports(LocalContext& context) {
  std::set<int> ports;
  const auto names = context.files.list(context.layout.home);
  if (!names) return ports;
  for (const std::string& name : *names) {
    local::Layout other = context.layout;
    other.environment = name;
    const auto text = context.files.read(other.platform_file());
    const auto facts = text ? local::parse_kept_facts(*text)
                            : Result<local::KeptFacts>(std::unexpected(text.error()));
    if (!facts) continue;
    ports.insert(facts->postgres_port);
    ports.insert(facts->public_port);
  }
  return ports;
}

void take_user(const LocalContext& context, local::Platform& platform) {
  platform.drops_privileges = context.user_id == 0;
  platform.service_user = platform.drops_privileges ? std::string(kServiceUser) : context.user_name;
}

Status take_credentials(LocalContext& context, local::Platform& platform) {
  AUTERITY_TRY(text, context.files.read(context.layout.credentials()));
  auto credentials = local::parse_credentials(text);
  if (!credentials)
    return std::unexpected(
        std::move(credentials.error()).within(context.layout.credentials().string()));
  platform.credentials = std::move(*credentials);
  return {};
}

bool is_within(const std::filesystem::path& path, const std::filesystem::path& folder) {
  return (path.lexically_normal().string() + "/")
      .starts_with((folder.lexically_normal() / "").string());
}

// As the environment file says; the key may not lie where its loss and the backups' would be one.
Result<local::BackupPlace> choose_backup_place(const LocalContext& context,
                                               const EnvironmentFile& environment) {
  const auto chosen = [&](std::string_view key, const std::filesystem::path& fallback) {
    const std::string& given = environment.text(key);
    return given.empty() ? fallback.string() : given;
  };
  local::BackupPlace place{chosen("backup.location", context.layout.backups()),
                           chosen("backup.key_file", context.layout.backup_key())};
  if (place.location.starts_with("s3://"))
    return fail(ErrorKind::invalid_input,
                "a platform on this machine cannot keep its backups in S3",
                "name a folder in backup.location, or choose target: aws");
  for (const std::string& path : {place.location, place.key_file})
    if (path.find_first_of("'\"\\\n") != std::string::npos)
      return fail(ErrorKind::invalid_input, "a path of backups holds a quote or a line break",
                  "choose other names for backup.location and backup.key_file");
  for (const std::filesystem::path& folder : {context.layout.state(), {place.location}})
    if (is_within(place.key_file, folder))
      return fail(
          ErrorKind::invalid_input,
          fmt::format("the backup key {} would lie within {}", place.key_file, folder.string()),
          "keep it apart from what it opens: name another file in backup.key_file");
  return place;
}

std::string default_address(const EnvironmentFile& environment) {
  const std::string& given = environment.text("ports.address");
  if (!given.empty()) return given;
  return environment.text("class") == "development" ? "127.0.0.1" : "*";
}

}  // namespace

local::Platform platform_of(const LocalContext& context, const local::KeptFacts& kept) {
  local::Platform platform;
  platform.layout = context.layout;
  platform.layout.run = kept.run;
  platform.address = kept.address;
  platform.public_port = kept.public_port;
  platform.postgres_port = kept.postgres_port;
  platform.pools = kept.pools;
  platform.previous_version = kept.previous_version;
  platform.autoscaler = kept.autoscaler;
  platform.backups = kept.backups;
  if (platform.backups.location.empty())
    platform.backups = {context.layout.backups().string(), context.layout.backup_key().string()};
  platform.memory_bytes = context.memory_bytes;
  take_user(context, platform);
  return platform;
}

local::Credentials new_credentials(Random& random) {
  return {.email = std::string(kFirstAdministrator),
          .password = random_hex(random, 12),
          .database_password = random_hex(random, 24),
          .redis_password = random_hex(random, 24),
          .jwt_secret_key = random_hex(random, 32),
          .secrets_key = random_hex(random, 32)};
}

Result<local::Platform> load_platform(LocalContext& context, bool with_credentials) {
  AUTERITY_TRY(kept, find_kept(context));
  if (!kept)
    return fail(ErrorKind::not_found,
                fmt::format("environment {} was never started on this machine (nothing in {})",
                            context.layout.environment, context.layout.state().string()),
                fmt::format("start it: auterity up -e {}", context.layout.environment));
  local::Platform platform = platform_of(context, *kept);
  if (with_credentials) AUTERITY_CHECK(take_credentials(context, platform));
  return platform;
}

std::string kept_text(const local::Platform& platform) {
  return to_pretty_text(Json(local::to_json(local::kept_facts(platform)))) + "\n";
}

Status keep_platform(LocalContext& context, const local::Platform& platform) {
  return context.files.write_atomically(platform.layout.platform_file(), kept_text(platform));
}

Result<local::Platform> choose_platform(LocalContext& context, const EnvironmentFile& environment,
                                        const PlatformWish& wish) {
  AUTERITY_TRY(kept, find_kept(context));
  local::Platform platform;
  if (kept) {
    platform = platform_of(context, *kept);
  } else {
    platform.layout = context.layout;
    platform.address = default_address(environment);
    platform.public_port = static_cast<int>(environment.number("ports.public"));
    platform.pool().replicas = static_cast<int>(environment.number("app_desired_capacity"));
    platform.pool().workers = static_cast<int>(environment.number("workers"));
    platform.memory_bytes = context.memory_bytes;
    take_user(context, platform);
    // From the folder's name, so that `up` takes the port that `up --plan` named.
    SeededRandom draw(std::hash<std::string>{}(context.layout.state().string()));
    AUTERITY_TRY(port, local::choose_free_port(draw, kept_ports(context)));
    platform.postgres_port = port;
  }
  AUTERITY_TRY(backups, choose_backup_place(context, environment));
  platform.backups = std::move(backups);
  platform.public_port = wish.port.value_or(platform.public_port);
  local::Pool& pool = platform.pool();
  pool.replicas = wish.replicas.value_or(pool.replicas);
  pool.workers = wish.workers.value_or(pool.workers);
  platform.ai_service_url = environment.text("ai_service.url");
  // A release that a deploy put in use stays in use: only a deploy replaces it.
  if (pool.version.empty() || pool.version == version()) {
    pool.version = version();
    AUTERITY_TRY(source, local::find_release_source(context.program));
    AUTERITY_TRY(digest, local::digest_of(source));
    pool.release_digest = std::move(digest);
  }
  if (context.files.exists(context.layout.credentials()))
    AUTERITY_CHECK(take_credentials(context, platform));
  else
    platform.credentials = new_credentials(context.random);
  return platform;
}

local::Supervisor supervisor_of(LocalContext& context, const local::Platform& platform) {
  return {context.files, context.processes, context.clock, platform};
}

}  // namespace auterity::operations
