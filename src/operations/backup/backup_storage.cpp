#include "operations/backup/backup_storage.h"

#include <fmt/format.h>

#include <boost/asio/thread_pool.hpp>
#include <boost/json.hpp>

#include "operations/backup/backup_key.h"
#include "operations/backup/backup_summary.h"

namespace auterity::operations::backup {
namespace {

constexpr std::string_view kSealPurpose = "backup documents";
constexpr std::size_t kThreads = 2;

DocumentSeal seal_of(const data::SealingKey& key) { return {key.derive(kSealPurpose), key.id()}; }

std::filesystem::path key_file_of(const LocalContext& context, const EnvironmentFile& environment) {
  const std::string& file = environment.text("backup.key_file");
  return file.empty() ? context.layout.backup_key() : std::filesystem::path(file);
}

}  // namespace

struct BackupStorage::Parts {
  Parts(std::filesystem::path at, const std::string& environment, const data::SealingKey& key)
      : folder(std::move(at)),
        store(data::open_folder_object_store(folder.string(), threads.get_executor())),
        objects(*store, threads.get_executor(), key),
        catalogue(*store, environment, seal_of(key), folder.string()) {}

  boost::asio::thread_pool threads{kThreads};
  std::filesystem::path folder;
  std::unique_ptr<data::ObjectStore> store;
  data::SealedObjects objects;
  Catalogue catalogue;
};

BackupStorage::BackupStorage(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
BackupStorage::~BackupStorage() = default;

data::ObjectStore& BackupStorage::store() { return *parts_->store; }
data::SealedObjects& BackupStorage::objects() { return parts_->objects; }
Catalogue& BackupStorage::catalogue() { return parts_->catalogue; }
Executor BackupStorage::blocking() { return parts_->threads.get_executor(); }
const std::filesystem::path& BackupStorage::folder() const { return parts_->folder; }

Result<std::filesystem::path> backup_folder(const LocalContext& context,
                                            const EnvironmentFile& environment) {
  const std::string& location = environment.text("backup.location");
  if (location.starts_with("s3://"))
    return fail(ErrorKind::not_ready,
                fmt::format("{} cannot be reached from a platform on one machine", location),
                "set backup.location to a folder, on another disk if there is one");
  const auto root =
      location.empty() ? context.layout.home / "backups" : std::filesystem::path(location);
  return root / context.layout.environment;
}

Result<std::unique_ptr<BackupStorage>> BackupStorage::open(LocalContext& context,
                                                           const EnvironmentFile& environment) {
  AUTERITY_TRY(folder, backup_folder(context, environment));
  if (!context.files.exists(key_file_of(context, environment)) &&
      !context.files.exists(folder / "metadata"))
    return fail(ErrorKind::not_found,
                fmt::format("environment {} has no backup yet", context.layout.environment),
                fmt::format("auterity up -e {0} makes the key that seals backups; then take one: "
                            "auterity backup all -e {0}",
                            context.layout.environment));
  AUTERITY_TRY(key, load_backup_key(context.files, key_file_of(context, environment).string()));
  AUTERITY_CHECK(context.files.create_directories(folder, 0700));
  return std::unique_ptr<BackupStorage>(new BackupStorage(
      std::make_unique<Parts>(std::move(folder), context.layout.environment, key)));
}

Async<Result<JsonArray>> summary_rows(BackupStorage& storage) {
  AUTERITY_CO_TRY(entries, co_await storage.catalogue().all());
  JsonArray rows;
  for (const CatalogueEntry& entry : entries) rows.push_back(storage.catalogue().to_json(entry));
  co_return rows;
}

Async<Status> publish_summary(LocalContext& context, BackupStorage& storage) {
  AUTERITY_CO_TRY(rows, co_await summary_rows(storage));
  const BackupSummary summary{context.clock.now(), std::move(rows)};
  co_return write_summary(context.files, context.layout.operations(), summary);
}

}  // namespace auterity::operations::backup
