#pragma once
// What was applied to a database, as its own tables tell: schema_migrations (one row a migration)
// and, since revision 6, schema_snapshots (who, how long, and the schema as it was left).
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/async.h"
#include "core/error.h"
#include "data/migrations.h"
#include "data/migrations/schema_description.h"

namespace auterity::data {

struct AppliedMigration {
  int revision = 0;
  std::string name;
  std::string checksum;
  std::string applied_at;  // RFC 3339, UTC; empty when the database keeps no time
  std::string applied_by;  // empty: not recorded
};
using AppliedMigrations = std::map<int, AppliedMigration>;

std::string label(const AppliedMigration& applied);

// Empty for an empty database.
Async<Result<AppliedMigrations>> read_applied(Session& session);

// The schema as the newest applied migration left it; nullopt when that was not recorded.
Async<Result<std::optional<SchemaDescription>>> read_snapshot(Session& session);

enum class AppliedProblem { none, changed, unknown, newer };
// What is wrong with one applied migration, seen from these files: `newer` belongs to a later
// release and is no fault.
AppliedProblem judge(const std::vector<Migration>& migrations, const AppliedMigration& applied);

// conflict, naming the file, when an applied migration was changed or is missing among
// `migrations`.
Status check_unchanged(const std::vector<Migration>& migrations, const AppliedMigrations& applied);

}  // namespace auterity::data
