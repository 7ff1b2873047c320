#include "operations/backup/stored_backups.h"

#include <array>

namespace auterity::operations::backup {
namespace {

constexpr std::size_t kListed = 1000;
constexpr std::size_t kStampDigits = std::string_view("20261124T103000Z-0123456789ab").size();

}  // namespace

Async<Result<std::vector<std::string>>> keys_under(data::ObjectStore& store, std::string prefix) {
  std::vector<std::string> keys;
  for (std::string after;;) {
    AUTERITY_CO_TRY(page, co_await store.list(prefix, after, kListed));
    for (data::ObjectInfo& object : page) keys.push_back(std::move(object.key));
    if (page.size() < kListed) break;
    after = keys.back();
  }
  co_return keys;
}

std::optional<Time> time_of_stamp(std::string_view stamp) {
  const auto name = parse_manifest_key(manifest_key(BackupKind::database, stamp));
  if (!name) return std::nullopt;
  return name->taken_at;
}

std::optional<std::string> find_stamp(std::string_view key) {
  key.remove_prefix(std::min(key.size(), key.rfind('/') + 1));
  const auto dot = key.find('.');
  const std::string_view name = key.substr(0, dot);
  if (name.size() < kStampDigits) return std::nullopt;
  std::string stamp(name.substr(name.size() - kStampDigits));
  if (!time_of_stamp(stamp)) return std::nullopt;
  return stamp;
}

Async<Result<std::set<std::string>>> stored_stamps(data::ObjectStore& store) {
  std::set<std::string> stamps;
  for (const std::string_view folder : {"database/", "application-data/auterity-data-"}) {
    AUTERITY_CO_TRY(keys, co_await keys_under(store, std::string(folder)));
    for (const std::string& key : keys)
      if (auto stamp = find_stamp(key)) stamps.insert(std::move(*stamp));
  }
  co_return stamps;
}

Async<Result<std::vector<std::string>>> objects_of(data::ObjectStore& store,
                                                   std::string environment, std::string stamp) {
  std::vector<std::string> found;
  for (const std::string& prefix :
       {database_prefix(environment, stamp), data_prefix(environment, stamp)}) {
    AUTERITY_CO_TRY(keys, co_await keys_under(store, prefix));
    for (std::string& key : keys) found.push_back(std::move(key));
  }
  co_return found;
}

Async<Status> remove_objects(data::ObjectStore& store, std::string environment, std::string stamp) {
  AUTERITY_CO_TRY(keys, co_await objects_of(store, std::move(environment), std::move(stamp)));
  for (std::string& key : keys) AUTERITY_CO_CHECK(co_await store.remove(std::move(key)));
  co_return Status{};
}

}  // namespace auterity::operations::backup
