#include "operations/backup/base_backup_objects.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace auterity::operations::backup {
namespace {

constexpr std::uint64_t kTold = 256u << 20;
constexpr std::size_t kMaxManifestBytes = 1u << 30;
constexpr std::string_view kManifest = "backup_manifest.json";

}  // namespace

BackupObject object_of(const data::SealedObject& sealed) {
  return {sealed.key, sealed.sha256, sealed.size, sealed.stored_size};
}

Result<std::uint64_t> file_bytes(std::string_view server_manifest) {
  AUTERITY_TRY(document, parse_json(server_manifest, {.max_bytes = kMaxManifestBytes}));
  const Json* files = find_member(document, "Files");
  std::uint64_t sum = 0;
  bool whole = files != nullptr && files->is_array();
  if (whole)
    for (const Json& file : files->get_array()) {
      const Json* size = find_member(file, "Size");
      whole = whole && size != nullptr && size->is_int64() && size->get_int64() >= 0;
      if (whole) sum += static_cast<std::uint64_t>(size->get_int64());
    }
  if (whole) return sum;
  return fail(ErrorKind::failed, "the server's manifest of the base backup lists no files",
              "check that the server is PostgreSQL 15");
}

BaseBackupObjects::BaseBackupObjects(data::SealedObjects& objects, std::string prefix,
                                     OnStored on_stored)
    : objects_(objects), prefix_(std::move(prefix)), on_stored_(std::move(on_stored)) {}

Async<Status> BaseBackupObjects::begin(const data::BaseBackupStart& start) {
  for (const data::Tablespace& tablespace : start.tablespaces)
    if (!tablespace.oid.empty())
      co_return fail(
          ErrorKind::not_ready,
          fmt::format("the cluster has a tablespace of its own, {}", tablespace.location),
          "move its tables to the default one: ALTER TABLE … SET TABLESPACE pg_default");
  co_return Status{};
}

Async<Status> BaseBackupObjects::begin_object(std::string name, data::Compression compression) {
  AUTERITY_CO_CHECK(co_await end_object());
  AUTERITY_CO_TRY(
      writer, co_await objects_.open_writer(prefix_ + "." + name, {.compression = compression}));
  writer_ = std::move(writer);
  co_return Status{};
}

Async<Status> BaseBackupObjects::begin_archive(std::string name) {
  return begin_object(std::move(name), data::Compression::none);
}

Async<Status> BaseBackupObjects::begin_manifest() {
  AUTERITY_CO_CHECK(co_await begin_object(std::string(kManifest), data::Compression::zstd));
  in_manifest_ = true;
  co_return Status{};
}

Async<Status> BaseBackupObjects::content(std::string_view bytes) {
  if (!writer_)
    co_return fail(ErrorKind::unavailable, "the server sent content of no archive",
                   "check that the server is PostgreSQL 15");
  if (in_manifest_) manifest_ += bytes;
  AUTERITY_CO_CHECK(co_await writer_->write(bytes));
  stored_ += bytes.size();
  if (stored_ - told_ >= kTold) {
    told_ = stored_;
    on_stored_(stored_);
  }
  co_return Status{};
}

Async<Status> BaseBackupObjects::end_object() {
  if (!writer_) co_return Status{};
  AUTERITY_CO_TRY(sealed, co_await writer_->finish());
  writer_.reset();
  done_.push_back(object_of(sealed));
  co_return Status{};
}

Async<Result<std::vector<BackupObject>>> BaseBackupObjects::finish() {
  AUTERITY_CO_CHECK(co_await end_object());
  if (done_.size() != 2 || !in_manifest_)
    co_return fail(ErrorKind::unavailable, "the server's base backup is not whole",
                   "look into PostgreSQL's log, in logs/postgres of the state folder");
  AUTERITY_CO_TRY(bytes, file_bytes(manifest_));
  done_.front().size = bytes;
  co_return std::move(done_);
}

}  // namespace auterity::operations::backup
