#include "operations/backup/data_backup.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/digest.h"
#include "operations/backup/base_backup_objects.h"
#include "operations/backup/uploads_inventory.h"

namespace auterity::operations::backup {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kListed = 1000;
// What health checks write again and again belongs to nobody.
constexpr std::string_view kProbes = "health/";
constexpr std::size_t kMaxArchiveBytes = 1u << 30;
constexpr auto kLogs = std::chrono::days(7);

std::unique_ptr<data::ObjectStore> open_platform_objects(LocalContext& context,
                                                         BackupStorage& storage) {
  return data::open_folder_object_store(context.layout.objects().string(), storage.blocking());
}

Async<Result<std::vector<data::ObjectInfo>>> list_all(data::ObjectStore& store) {
  std::vector<data::ObjectInfo> all;
  for (std::string after;;) {
    AUTERITY_CO_TRY(page, co_await store.list("", after, kListed));
    const bool last = page.size() < kListed;
    if (!last) after = page.back().key;
    for (data::ObjectInfo& object : page)
      if (!object.key.starts_with(kProbes)) all.push_back(std::move(object));
    if (last) co_return all;
  }
}

using VersionedKey = std::pair<std::string, std::string>;

// What the newest backup with an inventory has copies of. One that cannot be read or was refuted
// costs time: everything is copied again, so that a damaged copy does not spoil what comes after.
Async<Result<std::map<VersionedKey, InventoryEntry>>> known_copies(BackupStorage& storage) {
  AUTERITY_CO_TRY(entries, co_await storage.catalogue().all());
  std::map<VersionedKey, InventoryEntry> known;
  const auto newest = std::ranges::find_if(
      entries, [](const CatalogueEntry& entry) { return entry.manifest && entry.manifest->data; });
  if (newest == entries.end() || (newest->verification && !newest->verification->passed))
    co_return known;
  auto inventory = co_await read_inventory(storage.objects(), *newest->manifest->data);
  if (!inventory) co_return known;
  for (InventoryEntry& one : *inventory)
    known.emplace(VersionedKey(one.key, one.version), std::move(one));
  co_return known;
}

Async<Result<InventoryEntry>> copy_object(data::ObjectStore& source, BackupStorage& storage,
                                          std::string key, std::string stamp) {
  AUTERITY_CO_TRY(reader, co_await source.open_reader(key));
  InventoryEntry entry{.key = key, .version = reader->info().etag, .sha256 = {}, .copy = {}};
  AUTERITY_CO_TRY(
      writer, co_await storage.objects().open_writer(copy_key(entry.key, entry.version, stamp)));
  Sha256 digest;
  for (;;) {
    AUTERITY_CO_TRY(piece, co_await reader->read());
    if (piece.empty()) break;
    digest.add(piece);
    AUTERITY_CO_CHECK(co_await writer->write(piece));
  }
  AUTERITY_CO_TRY(sealed, co_await writer->finish());
  entry.sha256 = digest.hex();
  entry.copy = object_of(sealed);
  co_return entry;
}

Async<Status> take_uploads(LocalContext& context, BackupStorage& storage, std::string prefix,
                           std::string stamp, DataBackup& backup) {
  const auto source = open_platform_objects(context, storage);
  AUTERITY_CO_TRY(known, co_await known_copies(storage));
  AUTERITY_CO_TRY(objects, co_await list_all(*source));
  Inventory inventory;
  for (const data::ObjectInfo& object : objects) {
    const auto there = known.find({object.key, object.etag});
    if (there != known.end()) {
      const auto copy = co_await storage.store().head(there->second.copy.key);
      if (copy && copy->size == there->second.copy.stored_size) {
        inventory.push_back(there->second);
        continue;
      }
    }
    auto entry = co_await copy_object(*source, storage, object.key, stamp);
    // Gone since it was listed: an upload that was given up, which nobody refers to.
    if (!entry && entry.error().kind == ErrorKind::not_found) continue;
    if (!entry) co_return std::unexpected(std::move(entry).error());
    ++backup.part.new_uploads;
    inventory.push_back(std::move(*entry));
  }
  for (const InventoryEntry& entry : inventory) backup.part.upload_bytes += entry.copy.size;
  backup.part.uploads = inventory.size();
  backup.part.inventory = prefix + ".inventory.json";
  AUTERITY_CO_TRY(sealed,
                  co_await storage.objects().put(backup.part.inventory, to_text(inventory)));
  backup.objects.push_back(object_of(sealed));
  co_return Status{};
}

struct Archive {
  std::string bytes;
  std::uint64_t files = 0;
};

// A file that grows while it is read is no failure: logs do.
Async<Result<Archive>> pack(LocalContext& context, std::vector<std::string> arguments) {
  constexpr int kChangedMeanwhile = 1;
  std::vector<std::string> whole{"tar",
                                 "--create",
                                 "--verbose",
                                 "--format=posix",
                                 "--file=-",
                                 "-C",
                                 context.layout.state().string()};
  whole.insert(whole.end(), arguments.begin(), arguments.end());
  AUTERITY_CO_TRY(outcome, co_await context.processes.run({.arguments = std::move(whole),
                                                           .environment = {{"LC_ALL", "C.UTF-8"}},
                                                           .timeout = std::chrono::hours(1),
                                                           .max_output_bytes = kMaxArchiveBytes}));
  if (outcome.exit_code > kChangedMeanwhile || outcome.truncated)
    co_return fail(ErrorKind::failed,
                   fmt::format("{} could not be packed: {}", context.layout.state().string(),
                               outcome.truncated ? "more than 1 GiB" : outcome.error_output),
                   "check permissions, and remove what does not belong there");
  Archive archive{std::move(outcome.output), 0};
  for (std::size_t at = 0, end = 0; at < outcome.error_output.size(); at = end + 1) {
    end = std::min(outcome.error_output.find('\n', at), outcome.error_output.size());
    const std::string_view line(outcome.error_output.data() + at, end - at);
    if (!line.starts_with("tar: ") && !line.ends_with('/')) ++archive.files;
  }
  co_return archive;
}

Async<Status> store(BackupStorage& storage, std::string key, std::string content,
                    DataBackup& backup) {
  AUTERITY_CO_TRY(sealed, co_await storage.objects().put(std::move(key), std::move(content)));
  backup.objects.push_back(object_of(sealed));
  co_return Status{};
}

// Pipes and state of supervisors mean nothing elsewhere.
Async<Status> take_settings(LocalContext& context, BackupStorage& storage, std::string prefix,
                            std::string environment_file, DataBackup& backup) {
  AUTERITY_CO_TRY(archive, co_await pack(context, {"--exclude=supervise", "--exclude=event",
                                                   "credentials.json", "services"}));
  backup.part.settings = archive.files;
  AUTERITY_CO_CHECK(
      co_await store(storage, prefix + ".settings.tar", std::move(archive.bytes), backup));
  if (environment_file.empty()) co_return Status{};
  AUTERITY_CO_TRY(text, context.files.read(environment_file));
  ++backup.part.settings;
  co_return co_await store(storage, prefix + ".environment.yml", std::move(text), backup);
}

Async<Status> take_logs(LocalContext& context, BackupStorage& storage, std::string prefix,
                        DataBackup& backup) {
  const auto since =
      std::chrono::floor<std::chrono::seconds>(context.clock.now() - kLogs).time_since_epoch();
  AUTERITY_CO_TRY(names, context.files.list(context.layout.logs()));
  for (const std::string& name : names) {
    std::error_code error;
    if (fs::is_symlink(context.layout.logs() / name, error)) continue;  // another name of one
    AUTERITY_CO_TRY(
        archive,
        co_await pack(context, {fmt::format("--newer-mtime=@{}", since.count()), "logs/" + name}));
    if (archive.files == 0) continue;
    backup.part.log_files += archive.files;
    AUTERITY_CO_CHECK(co_await store(storage, fmt::format("{}.logs.{}.tar", prefix, name),
                                     std::move(archive.bytes), backup));
  }
  co_return Status{};
}

}  // namespace

Async<Result<DataBackup>> take_data(LocalContext& context, BackupStorage& storage,
                                    ManifestName name, std::string environment_file) {
  DataBackup backup;
  const std::string prefix = data_prefix(context.layout.environment, name.stamp);
  AUTERITY_CO_CHECK(co_await take_uploads(context, storage, prefix, name.stamp, backup));
  AUTERITY_CO_CHECK(
      co_await take_settings(context, storage, prefix, std::move(environment_file), backup));
  AUTERITY_CO_CHECK(co_await take_logs(context, storage, prefix, backup));
  co_return backup;
}

Async<Result<std::uint64_t>> upload_bytes(LocalContext& context, BackupStorage& storage) {
  const auto source = open_platform_objects(context, storage);
  AUTERITY_CO_TRY(objects, co_await list_all(*source));
  std::uint64_t sum = 0;
  for (const data::ObjectInfo& object : objects) sum += object.size;
  co_return sum;
}

}  // namespace auterity::operations::backup
