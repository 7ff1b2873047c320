#pragma once
// Schema migrations: files NNNN_name.up.sql / NNNN_name.down.sql of one folder, applied in order, each in a transaction with its
// row in schema_migrations (revision, name, checksum of the up file, applied_at). A changed file that was applied is refused.
#include <string>
#include <vector>

#include "core/async.h"
#include "core/error.h"
#include "data/database.h"

namespace auterity::data {

struct Migration {
  int revision = 0;
  std::string name;
  std::string up;
  std::string down;      // empty: not reversible
  std::string checksum;  // SHA-256 of `up`, hex
};

// Sorted by revision; invalid_input names the file that is malformed, doubled or leaves a gap.
Result<std::vector<Migration>> load_migrations(const std::string& folder);

// Highest applied revision, 0 for an empty database.
Async<Result<int>> applied_revision(Database& database);

// Applies what is missing under an advisory lock (waits at most 30 s for another migrator), checks the checksums of what was applied,
// and answers the revisions it applied.
Async<Result<std::vector<int>>> migrate_up(Database& database, std::vector<Migration> migrations);

}  // namespace auterity::data
