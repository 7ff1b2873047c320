#pragma once
// Schema migrations: files NNNN_name.up.sql / NNNN_name.down.sql of one folder, applied in order,
// each in a transaction with its row in schema_migrations (revision, name, checksum of the up file,
// applied_at), which the first migration creates. A changed file that was applied is refused. Not
// here: statements that refuse transactions (CREATE INDEX CONCURRENTLY).
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

// "0003_executions", as in the file's name.
std::string label(const Migration& migration);

// Sorted by revision, beginning with 1; invalid_input names the file that is malformed, doubled or
// leaves a gap. Files that do not end in .sql are passed over.
Result<std::vector<Migration>> load_migrations(const std::string& folder);

// Highest applied revision, 0 for an empty database.
Async<Result<int>> applied_revision(Database& database);

// Applies what is missing under an advisory lock (waits at most 30 s for another migrator, then
// conflict), checks the checksums of what was applied, and answers the revisions it applied.
// Revisions above all of `migrations` belong to a newer release and stay.
Async<Result<std::vector<int>>> migrate_up(Database& database, std::vector<Migration> migrations);

// Reverts what is applied above `to_revision`, newest first, under the same lock, and answers the
// revisions it reverted. Refused as a whole (conflict) when one of them has no down file or no file
// at all.
Async<Result<std::vector<int>>> migrate_down(Database& database, std::vector<Migration> migrations,
                                             int to_revision);

}  // namespace auterity::data
