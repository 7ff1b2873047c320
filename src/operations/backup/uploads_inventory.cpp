#include "operations/backup/uploads_inventory.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <set>

#include "core/digest.h"
#include "operations/backup/stored_backups.h"
#include "operations/backup/strict_members.h"

namespace auterity::operations::backup {
namespace {

constexpr std::size_t kMaxBytes = 1u << 30;

}  // namespace

std::string copy_key(std::string_view key, std::string_view version, std::string_view stamp) {
  return std::string(kCopies) + sha256_hex(fmt::format("{}\n{}\n{}", key, version, stamp));
}

std::string to_text(const Inventory& inventory) {
  JsonArray entries;
  for (const InventoryEntry& entry : inventory)
    entries.push_back(JsonObject{{"key", entry.key},
                                 {"version", entry.version},
                                 {"sha256", entry.sha256},
                                 {"size", entry.copy.size},
                                 {"copy", entry.copy.key},
                                 {"copy_sha256", entry.copy.sha256},
                                 {"copy_size", entry.copy.stored_size}});
  return auterity::to_text(Json(JsonObject{{"objects", std::move(entries)}}));
}

Result<Inventory> parse_inventory(std::string_view text) {
  AUTERITY_TRY(document, parse_json(text, {.max_bytes = kMaxBytes}));
  StrictMembers members(&document, "inventory");
  const JsonArray* objects = members.array("objects");
  AUTERITY_CHECK(members.end());
  Inventory inventory;
  for (const Json& value : *objects) {
    StrictMembers entry(&value, "inventory.objects");
    inventory.push_back({.key = entry.text("key"),
                         .version = entry.text("version"),
                         .sha256 = entry.sha256("sha256"),
                         .copy = {.key = entry.text("copy"),
                                  .sha256 = entry.sha256("copy_sha256"),
                                  .size = entry.number("size"),
                                  .stored_size = entry.number("copy_size")}});
    AUTERITY_CHECK(entry.end());
  }
  return inventory;
}

Async<Result<Inventory>> read_inventory(data::SealedObjects& objects, DataPart part) {
  AUTERITY_CO_TRY(text, co_await objects.get(part.inventory, kMaxBytes));
  co_return parse_inventory(text);
}

Async<Result<std::vector<std::string>>> unnamed_copies(BackupStorage& storage) {
  AUTERITY_CO_TRY(keys, co_await keys_under(storage.store(), std::string(kCopies)));
  if (keys.empty()) co_return keys;
  AUTERITY_CO_TRY(entries, co_await storage.catalogue().all());
  std::set<std::string> named;
  for (const CatalogueEntry& entry : entries) {
    if (!entry.manifest) co_return std::vector<std::string>{};
    if (!entry.manifest->data) continue;
    const auto inventory = co_await read_inventory(storage.objects(), *entry.manifest->data);
    if (!inventory) co_return std::vector<std::string>{};
    for (const InventoryEntry& one : *inventory) named.insert(one.copy.key);
  }
  std::erase_if(keys, [&](const std::string& key) { return named.contains(key); });
  co_return keys;
}

}  // namespace auterity::operations::backup
