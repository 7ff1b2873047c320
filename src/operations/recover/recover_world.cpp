#include "operations/recover/recover_world.h"

#include <fmt/format.h>

#include "core/version.h"
#include "operations/backup/wal_fetch_process.h"
#include "operations/evidence.h"
#include "operations/recover/kept_settings.h"

namespace auterity::operations {
namespace {

using backup::BackupManifest;

constexpr std::string_view kArchive = ".base.tar.zst";
constexpr std::string_view kServerManifest = ".backup_manifest.json";

Async<Result<BackupManifest>> manifest_of(backup::BackupStorage& storage, std::string id) {
  AUTERITY_CO_TRY(entry, co_await storage.catalogue().find(id));
  if (!entry.manifest)
    co_return fail(entry.damage_kind, fmt::format("backup {}: {}", id, entry.damage),
                   "begin anew with another one: auterity backup list");
  co_return std::move(*entry.manifest);
}

}  // namespace

Async<Status> RecoverWorld::prepare() {
  if (database) co_return Status{};
  if (request.files.empty()) {
    AUTERITY_CO_TRY(text, context.files.read(context.layout.credentials()));
    AUTERITY_CO_TRY(credentials, local::parse_credentials(text));
    platform.credentials = std::move(credentials);
  } else {
    AUTERITY_CO_TRY(manifest, co_await manifest_of(*storage, request.files));
    AUTERITY_CO_TRY(settings, co_await read_settings(context, *storage, manifest));
    platform.credentials = std::move(settings.credentials);
    files = std::move(manifest);
  }
  AUTERITY_CO_TRY(manifest, co_await manifest_of(*storage, request.backup));
  AUTERITY_CO_CHECK(base_backup_of(manifest));
  database = std::move(manifest);
  co_return Status{};
}

std::filesystem::path RecoverWorld::evidence(std::string_view name) const {
  return evidence_folder(context.layout, id) / name;
}

std::filesystem::path RecoverWorld::aside() const {
  return context.layout.state() / "replaced" / id;
}

backup::RestoreRequest RecoverWorld::restore_request() const {
  // Whoever runs PostgreSQL can run an installed release; another one may not know how to ask.
  const auto program = platform.pool().version == version()
                           ? platform.release(platform.pool()) / "auterity"
                           : context.program;
  backup::RecoveryTarget target;
  if (request.to) {
    target.kind = backup::RecoveryTarget::Kind::time;
    target.time = *request.to;
  }
  return {
      .source = *base_backup_of(*database),
      .data_folder = context.layout.postgres(),
      .service_user = platform.drops_privileges ? platform.service_user : "",
      .target = std::move(target),
      .restore_command = backup::wal_fetch_command(program, platform.layout.socket("wal-feed"))};
}

Result<backup::BaseBackupSource> base_backup_of(const BackupManifest& manifest) {
  backup::BaseBackupSource source;
  for (const auto& object : manifest.objects) {
    if (object.key.ends_with(kArchive)) {
      source.archive_key = object.key;
      source.archive_sha256 = object.sha256;
    } else if (object.key.ends_with(kServerManifest)) {
      source.manifest_key = object.key;
      source.manifest_sha256 = object.sha256;
    }
  }
  if (!source.archive_key.empty() && !source.manifest_key.empty() && manifest.database)
    return source;
  return fail(ErrorKind::failed, fmt::format("backup {} holds no cluster", to_text(manifest.id)),
              "begin anew with another one: auterity backup list");
}

}  // namespace auterity::operations
