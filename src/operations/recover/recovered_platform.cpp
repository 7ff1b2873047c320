#include "operations/recover/recovered_platform.h"

#include <fmt/format.h>

#include "core/version.h"
#include "data/migrations.h"
#include "targets/local/ports.h"
#include "targets/local/release.h"

namespace auterity::operations {
namespace {

PlatformWish wish_of(LocalContext& context, const KeptSettings& settings, bool same_environment) {
  const local::Pool& pool = settings.facts.pools.front();
  PlatformWish wish{
      .port = settings.facts.public_port, .replicas = pool.replicas, .workers = pool.workers};
  if (same_environment) return wish;
  if (const auto port = local::choose_free_port(context.random, {settings.facts.public_port}))
    wish.port = *port;
  return wish;
}

// A release that is not (wholly) here cannot be run.
Status settle_release(LocalContext& context, local::Platform& platform) {
  platform.pools.resize(1);
  local::Pool& pool = platform.pool();
  pool.percent = 100;
  const auto installed = local::installed_digest(context.files, platform.release(pool));
  if (installed && *installed == pool.release_digest) return {};
  platform.previous_version.clear();
  pool.version = version();
  AUTERITY_TRY(source, local::find_release_source(context.program));
  AUTERITY_TRY(digest, local::digest_of(source));
  pool.release_digest = std::move(digest);
  return {};
}

}  // namespace

Result<local::Platform> choose_recovered_platform(LocalContext& context,
                                                  const EnvironmentFile& environment,
                                                  const std::optional<KeptSettings>& settings,
                                                  bool same_environment) {
  const bool is_kept = context.files.exists(context.layout.platform_file());
  const bool from_backup = settings && !is_kept;
  const PlatformWish wish =
      from_backup ? wish_of(context, *settings, same_environment) : PlatformWish{};
  AUTERITY_TRY(platform, choose_platform(context, environment, wish));
  if (from_backup && same_environment) {
    platform.address = settings->facts.address;
    platform.autoscaler = settings->facts.autoscaler;
    platform.pools = settings->facts.pools;
    platform.previous_version = settings->facts.previous_version;
  }
  AUTERITY_CHECK(settle_release(context, platform));
  return platform;
}

Status check_schema(LocalContext& context, const local::Platform& platform, int revision) {
  const auto release = platform.release(platform.pool());
  std::filesystem::path folder = release / "migrations";
  if (!local::installed_digest(context.files, release)) {
    AUTERITY_TRY(source, local::find_release_source(context.program));
    folder = source.migrations;
  }
  AUTERITY_TRY(migrations, data::load_migrations(folder.string()));
  const int newest = migrations.empty() ? 0 : migrations.back().revision;
  if (revision <= newest) return {};
  return fail(ErrorKind::not_ready,
              fmt::format("the backup's schema has revision {}, and release {} knows {} at most",
                          revision, platform.pool().version, newest),
              "recover with the program of the release that was in use, or of a later one");
}

}  // namespace auterity::operations
