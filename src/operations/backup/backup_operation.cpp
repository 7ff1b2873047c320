#include "operations/backup/backup_operation.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>

#include "core/counted.h"
#include "core/finally.h"
#include "core/version.h"
#include "data/object_hold.h"
#include "operations/backup/data_backup.h"
#include "operations/backup/logical_backup.h"
#include "operations/backup/publish_step.h"
#include "operations/backup/stored_backups.h"
#include "operations/kept_step.h"

namespace auterity::operations::backup {
namespace {

constexpr std::string_view kRoom = "room";
constexpr std::string_view kTake = "take";

std::string speed_text(const BackupManifest& manifest) {
  const auto took = std::chrono::duration<double>(manifest.finished_at - manifest.taken_at).count();
  const double megabytes = static_cast<double>(manifest.size()) / 1e6;
  return fmt::format("{} as {} in {} objects, {:.1f} s, {:.0f} MB/s", size_text(manifest.size()),
                     size_text(manifest.stored_size()), manifest.objects.size(), took,
                     took > 0 ? megabytes / took : 0.0);
}

// Whether the location can be written and holds what will come.
bool has_files(BackupKind kind) { return kind == BackupKind::data || kind == BackupKind::all; }

class RoomStep final : public KeptStep {
 public:
  RoomStep(LocalContext& context, const local::Platform& platform, BackupStorage& storage,
           const BackupRequest& request)
      : context_(context), platform_(platform), storage_(storage), request_(request) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(database, open_backup_database(context_, platform_));
    AUTERITY_CO_TRY(content, co_await finally(database_bytes(*database), database->close()));
    if (request_.kind == BackupKind::data) content = 0;
    if (has_files(request_.kind)) {
      AUTERITY_CO_TRY(files, co_await upload_bytes(context_, storage_));
      content += files;
    }
    AUTERITY_CO_TRY(entries, co_await storage_.catalogue().all());
    const std::uint64_t needed = expected_bytes(content, entries, request_.kind);
    std::error_code error;
    const auto space = std::filesystem::space(storage_.folder(), error);
    if (error)
      co_return fail(
          ErrorKind::unavailable,
          fmt::format("{} cannot be reached: {}", storage_.folder().string(), error.message()),
          "mount it, or set backup.location in the environment file");
    co_return Observation{
        space.available >= needed,
        fmt::format("{} has {} free, about {} are needed", storage_.folder().string(),
                    size_text(space.available), size_text(needed))};
  }

  Async<Status> apply() override {
    AUTERITY_CO_TRY(seen, co_await observe());
    if (seen.holds) co_return Status{};
    co_return fail(ErrorKind::storage_full, seen.evidence,
                   "make room: auterity backup prune; or set backup.location to another disk");
  }

 private:
  LocalContext& context_;
  const local::Platform& platform_;
  BackupStorage& storage_;
  const BackupRequest& request_;
};

class TakeStep final : public Step {
 public:
  TakeStep(LocalContext& context, const local::Platform& platform, BackupStorage& storage,
           const BackupRequest& request, const std::string& environment_file, const OnNote& on_note)
      : context_(context),
        platform_(platform),
        storage_(storage),
        request_(request),
        environment_file_(environment_file),
        on_note_(on_note) {}

  Async<Result<Observation>> observe() override {
    const std::string id = auterity::to_text(request_.id);
    auto entry = co_await storage_.catalogue().find(id);
    if (!entry && entry.error().kind == ErrorKind::not_found)
      co_return Observation{false, "there is no backup " + id};
    if (!entry) co_return std::unexpected(std::move(entry).error());
    if (!entry->manifest) co_return Observation{false, entry->damage};
    for (const BackupObject& object : entry->manifest->objects) {
      const auto there = co_await storage_.store().head(object.key);
      if (!there || there->size != object.stored_size)
        co_return Observation{false, object.key + " is missing or cut short"};
    }
    co_return Observation{true, fmt::format("{}: {}", id, speed_text(*entry->manifest))};
  }

  Async<Status> apply() override {
    AUTERITY_CO_CHECK(co_await remove());
    const ManifestName name = request_.name();
    BackupManifest manifest{.id = request_.id,
                            .kind = request_.kind,
                            .environment = context_.layout.environment,
                            .taken_at = request_.taken_at(),
                            .finished_at = {},
                            .release = std::string(version()),
                            .objects = {},
                            .database = {},
                            .data = {},
                            .needs = {},
                            .durations_ms = {}};
    // From before the instant of the database until everything is copied.
    AUTERITY_CO_TRY(database, open_backup_database(context_, platform_));
    AUTERITY_CO_CHECK(co_await finally(fill(manifest, *database), database->close()));
    manifest.finished_at = context_.clock.now();
    co_return co_await storage_.catalogue().add(std::move(manifest));
  }

  Async<Status> undo() override {
    AUTERITY_CO_CHECK(co_await remove());
    co_return co_await publish_summary(context_, storage_);
  }

 private:
  // The manifest first: without it nothing counts. Copies of uploads are shared, and go with
  // pruning when nobody names them.
  Async<Status> remove() {
    AUTERITY_CO_CHECK(co_await storage_.catalogue().remove(request_.name()));
    co_return co_await remove_objects(storage_.store(), context_.layout.environment,
                                      request_.name().stamp);
  }

  Async<Status> fill(BackupManifest& manifest, data::Database& database) {
    AUTERITY_CO_TRY(holder, co_await database.open_session());
    if (has_files(request_.kind)) AUTERITY_CO_CHECK(co_await data::hold_objects(*holder));
    const std::string stamp = request_.name().stamp;
    if (request_.kind != BackupKind::data) {
      AUTERITY_CO_TRY(taken, co_await take_rows(stamp));
      manifest.objects = std::move(taken.objects);
      manifest.database = std::move(taken.part);
      manifest.durations_ms = std::move(taken.durations_ms);
    }
    if (!has_files(request_.kind)) co_return Status{};
    const Duration begun = context_.clock.monotonic();
    AUTERITY_CO_TRY(taken,
                    co_await take_data(context_, storage_, request_.name(), environment_file_));
    AUTERITY_CO_CHECK(co_await data::check_hold(*holder));
    manifest.objects.insert(manifest.objects.end(), taken.objects.begin(), taken.objects.end());
    manifest.data = std::move(taken.part);
    manifest.durations_ms["files"] =
        std::chrono::duration_cast<std::chrono::milliseconds>(context_.clock.monotonic() - begun)
            .count();
    co_return Status{};
  }

  Async<Result<DatabaseBackup>> take_rows(std::string stamp) {
    if (request_.kind == BackupKind::logical)
      return take_logical(context_, platform_, storage_, std::move(stamp));
    return take_database(context_, platform_, storage_, std::move(stamp), on_note_);
  }

  LocalContext& context_;
  const local::Platform& platform_;
  BackupStorage& storage_;
  const BackupRequest& request_;
  const std::string& environment_file_;
  const OnNote& on_note_;
};

}  // namespace

BackupRequest BackupRequest::draw(BackupKind kind, Clock& clock, Random& random) {
  const Time now = clock.now();
  Uuid id = make_uuid(now, random);
  const auto microsecond =
      static_cast<std::uint32_t>(std::chrono::floor<std::chrono::microseconds>(
                                     now - std::chrono::floor<std::chrono::seconds>(now))
                                     .count());
  // Twenty bits.
  id.bytes[10] = static_cast<std::uint8_t>(microsecond >> 12);
  id.bytes[11] = static_cast<std::uint8_t>(microsecond >> 4);
  id.bytes[12] = static_cast<std::uint8_t>((microsecond << 4) | (id.bytes[12] & 0x0f));
  return {kind, id};
}

Time BackupRequest::taken_at() const {
  return std::chrono::floor<std::chrono::seconds>(time_of(id));
}

ManifestName BackupRequest::name() const { return {kind, stamp_of(taken_at(), id), taken_at()}; }

std::uint64_t expected_bytes(std::uint64_t content, const std::vector<CatalogueEntry>& entries,
                             BackupKind kind) {
  for (const CatalogueEntry& entry : entries)
    if (entry.manifest && entry.manifest->kind == kind)
      return entry.manifest->stored_size() + entry.manifest->stored_size() / 5;
  return content;
}

BackupOperation::BackupOperation(LocalContext& context, local::Platform platform,
                                 std::unique_ptr<BackupStorage> storage, BackupRequest request,
                                 std::string environment_file, OnNote on_note)
    : context_(context),
      platform_(std::move(platform)),
      storage_(std::move(storage)),
      request_(request),
      environment_file_(std::move(environment_file)),
      on_note_(std::move(on_note)) {}

Result<std::unique_ptr<BackupOperation>> BackupOperation::make(LocalContext& context,
                                                               const EnvironmentFile& environment,
                                                               BackupRequest request,
                                                               OnNote on_note) {
  AUTERITY_TRY(platform, load_platform(context, true));
  AUTERITY_TRY(storage, BackupStorage::open(context, environment));
  return std::unique_ptr<BackupOperation>(
      new BackupOperation(context, std::move(platform), std::move(storage), request,
                          environment.file(), std::move(on_note)));
}

std::string_view BackupOperation::kind() const {
  switch (request_.kind) {
    case BackupKind::database:
      return kDatabase;
    case BackupKind::data:
      return kData;
    case BackupKind::all:
      return kAll;
    case BackupKind::logical:
      return kLogical;
  }
  return {};
}

JsonObject BackupOperation::request() const {
  return {{"kind", name_of(request_.kind)}, {"id", auterity::to_text(request_.id)}};
}

Result<BackupRequest> BackupOperation::parse_request(const JsonObject& request) {
  const auto kind = parse_backup_kind(string_or(request.if_contains("kind"), ""));
  const auto id = parse_uuid(string_or(request.if_contains("id"), ""));
  if (kind && id) return BackupRequest{*kind, *id};
  return fail(ErrorKind::invalid_input, "the journal's request is none of a backup",
              "the operation was begun by another version of auterity; use that one to go on");
}

Async<Result<Plan>> BackupOperation::plan() {
  const std::string_view what = name_of(request_.kind);
  co_return Plan{
      std::string(kind()),
      context_.layout.environment,
      {{std::string(kRoom), fmt::format("check that {} has room", storage_->folder().string()),
        UndoPolicy::keep, false},
       {std::string(kTake),
        fmt::format("take {} into backup {}", what, auterity::to_text(request_.id)),
        UndoPolicy::undo},
       planned_publish()},
      {}};
}

Result<std::unique_ptr<Step>> BackupOperation::bind(const PlannedStep& step) {
  if (step.name == kRoom)
    return std::make_unique<RoomStep>(context_, platform_, *storage_, request_);
  if (step.name == kTake)
    return std::make_unique<TakeStep>(context_, platform_, *storage_, request_, environment_file_,
                                      on_note_);
  if (step.name == kPublish) return make_publish_step(context_, *storage_);
  return fail(ErrorKind::not_found, fmt::format("backup has no step named {}", step.name),
              "the operation was begun by another version of auterity; use that one to go on");
}

}  // namespace auterity::operations::backup
