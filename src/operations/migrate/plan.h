#pragma once
// What a migrate operation will do, as a value: pure, from the files, the request and what was
// observed. The plan of steps is what the runner carries out (operations/plan.h); beside it stands
// what a person wants to know before: each statement, the lock it takes on which table, and how
// long that will last.
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "data/migrations.h"
#include "data/migrations/applied.h"
#include "operations/migrate/lint/finding.h"
#include "operations/plan.h"

namespace auterity::operations {

enum class MigrateDirection { up, down };

struct MigrateRequest {
  MigrateDirection direction = MigrateDirection::up;
  std::optional<int> to;      // up: nullopt is the newest; down: required
  bool accept_drift = false;  // go on though the schema was changed by hand
  std::string restore_point;  // the name of the one to make
  std::string release = {};   // whose deploy brings them in; empty: asked for by hand
};

struct ObservedSchema {
  bool database_exists = true;
  data::AppliedMigrations applied;
  std::vector<data::SchemaDifference> drift;
  std::optional<lint::TableSizes> sizes;
};

struct PlannedStatement {
  int line = 0;
  std::string summary;  // its beginning, on one line
  std::vector<std::string> locks;
  std::string duration;  // "short", "scans the table", …
};

struct PlannedMigration {
  int revision = 0;
  std::string name;  // "0007_colours"
  std::string how;   // "in one transaction"
  std::vector<PlannedStatement> statements;
  std::vector<lint::Finding> findings;
};

struct MigratePlan {
  int revision = 0;  // the newest that is applied before
  Plan plan;
  std::vector<PlannedMigration> migrations;
};

// conflict: an applied migration was changed or is unknown, the schema drifted, a way back is not
// declared. invalid_input: no such revision, or a file that cannot be run.
Result<MigratePlan> plan_migrate(const std::string& environment, const MigrateRequest& request,
                                 const std::vector<data::Migration>& migrations,
                                 const ObservedSchema& observed);

// The plan of steps and the statements below it; ends in a line feed.
std::string to_text(const MigratePlan& plan);
JsonObject to_json(const MigratePlan& plan);
// One migration with its statements: lines without line feeds, and as a document.
std::vector<std::string> lines_of(const PlannedMigration& migration);
JsonObject to_json(const PlannedMigration& migration);

// Names of steps; a migration's own is its label.
inline constexpr std::string_view kCreateDatabaseStep = "create-database";
inline constexpr std::string_view kRestorePointStep = "restore-point";
inline constexpr std::string_view kProofStep = "prove-way-back";

}  // namespace auterity::operations
