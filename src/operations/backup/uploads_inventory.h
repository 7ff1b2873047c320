#pragma once
// Which objects of the platform belong to a backup, and where their copies lie: uploads and large
// payloads alike. Copies are shared by backups, one for each version of an object, so that a backup
// stores only what the one before it had not; an inventory lists them all, and a copy that no
// inventory names is of no use to anybody. No copy is ever written again: other backups may name
// it, with its hash.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "data/objects/sealed_objects.h"
#include "operations/backup/backup_storage.h"

namespace auterity::operations::backup {

inline constexpr std::string_view kCopies = "application-data/uploads/";

struct InventoryEntry {
  std::string key;      // in the platform's object store
  std::string version;  // changes with the content
  std::string sha256;   // of the content
  BackupObject copy;
  bool operator==(const InventoryEntry&) const = default;
};
using Inventory = std::vector<InventoryEntry>;

// Where the copy of that version lies that the backup `stamp` makes: never where another one does.
// Not a name of that backup's own objects: others share it, and it outlives them all.
std::string copy_key(std::string_view key, std::string_view version, std::string_view stamp);

std::string to_text(const Inventory& inventory);
Result<Inventory> parse_inventory(std::string_view text);

// That of a backup with files.
Async<Result<Inventory>> read_inventory(data::SealedObjects& objects, DataPart part);

// Keys of copies that no backup's inventory names; none while a manifest or an inventory cannot be
// read, since that one may name any.
Async<Result<std::vector<std::string>>> unnamed_copies(BackupStorage& storage);

}  // namespace auterity::operations::backup
