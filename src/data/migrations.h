#pragma once
// Schema migrations: files NNNN_name.up.sql / NNNN_name.down.sql of one folder, applied in order,
// each with its row in schema_migrations (revision, name, checksum of the up file, applied_at),
// which the first migration creates. How a file is run follows from what is in it
// (migrations/script.h): most in one transaction with their row; CREATE INDEX CONCURRENTLY and its
// like outside one; backfills in batches. A changed file that was applied is refused. Everything
// that migrates goes through migrations/migrator.h, these two functions included.
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/time.h"
#include "data/database.h"

namespace auterity::data {

struct Migration {
  int revision = 0;
  std::string name;
  std::string up;
  std::string down;                 // empty: not reversible
  std::string irreversible_reason;  // what its down file declares; empty: none, or no down file
  std::string checksum;             // SHA-256 of `up`, hex
};

// "0003_executions", as in the file's name.
std::string label(const Migration& migration);

// Sorted by revision, beginning with 1; invalid_input names the file that is malformed, doubled or
// leaves a gap. Files that do not end in .sql are passed over.
Result<std::vector<Migration>> load_migrations(const std::string& folder);

// How long what may take. A statement that waits for a table's lock makes everybody behind it wait,
// too: so one attempt waits for `lock_budget` in all, gives up what it holds, and tries again after
// a pause, until `lock_deadline`.
struct MigrationLimits {
  Duration lock_budget = std::chrono::seconds(1);
  Duration lock_deadline = std::chrono::minutes(2);
  Duration migrator_wait = std::chrono::seconds(30);  // for another migrator to end
  Duration statement = std::chrono::seconds(30);      // ordinary DDL: holds its locks so long
  Duration long_statement = std::chrono::hours(6);    // index builds, validating scans
  Duration batch = std::chrono::seconds(10);          // one batch of a backfill
};

struct MigratorOptions {
  MigrationLimits limits;
  std::string who = "auterity";                   // kept as applied_by; no secret
  std::function<void(std::string_view)> on_note;  // progress for a person; may be empty
};

// Highest applied revision, 0 for an empty database.
Async<Result<int>> applied_revision(Database& database);

// Applies what is missing under an advisory lock (waits for another migrator at most
// `migrator_wait`, then conflict with who that is), checks the checksums of what was applied, and
// answers the revisions it applied. Revisions above all of `migrations` belong to a newer release
// and stay.
Async<Result<std::vector<int>>> migrate_up(Database& database, Clock& clock,
                                           std::vector<Migration> migrations,
                                           MigratorOptions options = {});

// Reverts what is applied above `to_revision`, newest first, under the same lock, and answers the
// revisions it reverted. Refused as a whole (conflict) when one of them has no down file or no file
// at all.
Async<Result<std::vector<int>>> migrate_down(Database& database, Clock& clock,
                                             std::vector<Migration> migrations, int to_revision,
                                             MigratorOptions options = {});

}  // namespace auterity::data
