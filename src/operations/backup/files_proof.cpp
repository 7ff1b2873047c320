#include "operations/backup/files_proof.h"

#include <fmt/format.h>

#include "core/digest.h"
#include "core/finally.h"
#include "operations/backup/uploads_inventory.h"
#include "operations/migrate/local_target.h"

namespace auterity::operations::backup {
namespace {

constexpr std::string_view kDatabaseFolder = "database/";

constexpr data::Statement kFiles{"backup.files",
                                 "SELECT object_key, sha256 FROM files WHERE removed_at IS NULL"};

Async<Result<std::string>> content_sha256(BackupStorage& storage, const BackupObject& copy) {
  AUTERITY_CO_TRY(reader, co_await storage.objects().open_reader(copy.key, copy.sha256));
  Sha256 digest;
  for (;;) {
    AUTERITY_CO_TRY(piece, co_await reader->read());
    if (piece.empty()) co_return digest.hex();
    digest.add(piece);
  }
}

}  // namespace

Async<Result<ProofCheck>> check_files(BackupStorage& storage, BackupManifest manifest) {
  std::size_t read = 0;
  for (const BackupObject& object : manifest.objects) {
    if (object.key.starts_with(kDatabaseFolder)) continue;
    AUTERITY_CO_CHECK(co_await content_sha256(storage, object));
    ++read;
  }
  AUTERITY_CO_TRY(inventory, co_await read_inventory(storage.objects(), *manifest.data));
  for (const InventoryEntry& entry : inventory) {
    AUTERITY_CO_TRY(sha256, co_await content_sha256(storage, entry.copy));
    if (sha256 != entry.sha256)
      co_return ProofCheck{"files", "fail", entry.key + " is not what it was"};
    ++read;
  }
  co_return ProofCheck{
      "files", "pass",
      fmt::format("{} objects, {} of them of the platform's store, have their hashes", read,
                  inventory.size())};
}

Async<Result<ProofCheck>> check_references(MigrateServices& services, const MigrateTarget& target,
                                           BackupStorage& storage, DataPart part) {
  AUTERITY_CO_TRY(inventory, co_await read_inventory(storage.objects(), std::move(part)));
  std::map<std::string_view, std::string_view> hashes;
  for (const InventoryEntry& entry : inventory) hashes[entry.key] = entry.sha256;
  const auto database = open_target(services, target);
  AUTERITY_CO_TRY(rows, co_await finally(database->read({kFiles, {}}), database->close()));
  for (std::size_t row = 0; row < rows->size(); ++row) {
    const auto there = hashes.find(rows->text(row, 0));
    if (there == hashes.end() || there->second != rows->text(row, 1))
      co_return ProofCheck{"references", "fail",
                           fmt::format("the file {} of the database is {}", rows->text(row, 0),
                                       there == hashes.end() ? "missing" : "another one")};
  }
  co_return ProofCheck{"references", "pass",
                       fmt::format("the bytes of all {} files are there", rows->size())};
}

}  // namespace auterity::operations::backup
