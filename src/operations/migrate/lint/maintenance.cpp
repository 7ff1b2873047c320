// Statements that are no change of the schema, or reach beyond it.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "operations/migrate/lint/rules.h"

namespace auterity::operations::lint {
namespace {

bool is_full(const Json& vacuum) {
  for (const Json& option : data::list_of(vacuum, "options"))
    if (data::text_of(data::as(option, "DefElem"), "defname") == "full") return true;
  return false;
}

}  // namespace

void check_maintenance(const data::SqlStatement& statement, Report& report) {
  const Json& node = statement.node;
  if (statement.kind == "VacuumStmt" && is_full(node))
    report.add("vacuum-full", "the table is written anew",
               "under ACCESS EXCLUSIVE: reads and writes stand still",
               "leave it to autovacuum, or use pg_repack in a quiet hour");
  if (statement.kind == "ClusterStmt")
    report.add("cluster", "the table is written anew in an index's order",
               "under ACCESS EXCLUSIVE: reads and writes stand still",
               "use pg_repack in a quiet hour");
  if (statement.kind == "LockStmt")
    report.add("lock-table", "tables are locked by hand",
               "the migrator locks what the statements need, within its budget; this one waits "
               "outside of it",
               "remove the statement");
  if (statement.kind == "RefreshMatViewStmt" && !data::flag_of(node, "concurrent"))
    report.add("refresh-not-concurrent", "a materialized view is refreshed",
               "its readers stand still meanwhile", "REFRESH MATERIALIZED VIEW CONCURRENTLY");
  if (statement.kind == "VariableSetStmt") {
    const std::string name = data::text_of(node, "name");
    if (name == "lock_timeout" || name == "statement_timeout")
      report.add("timeout-by-hand", fmt::format("{} is set by the migration", name),
                 "it takes the place of the limit of the statement's class",
                 "remove the statement: the migrator sets both");
    if (name == "search_path" || name == "session_replication_role")
      report.add("session-setting", fmt::format("{} is set by the migration", name),
                 "what follows means something else than it says", "qualify the names instead");
  }
  if (statement.kind == "DoStmt")
    report.add("anonymous-block", "a DO block is run",
               "nobody can tell which locks it takes before it is run",
               "write the statements themselves, or a backfill");
}

const std::vector<std::string_view>& rule_names() {
  static const std::vector<std::string_view> names{
      "anonymous-block",
      "backfill-skips-locked",
      "cascade-from-existing-table",
      "change-in-one-transaction",
      "change-without-where",
      "char-column",
      "check-not-not-valid",
      "cluster",
      "column-dropped",
      "column-generated-stored",
      "column-not-null-without-default",
      "column-renamed",
      "column-type-changed",
      "column-with-volatile-default",
      "drop-cascade",
      "drop-index-not-concurrent",
      "enum-value-added",
      "enum-value-renamed",
      "exclusion-constraint",
      "foreign-key-not-not-valid",
      "index-if-not-exists",
      "index-not-concurrent",
      "json-column",
      "lock-table",
      "money-column",
      "not-null-without-validated-check",
      "refresh-not-concurrent",
      "reindex-not-concurrent",
      "serial-column",
      "session-setting",
      "table-dropped",
      "table-renamed",
      "table-rewritten",
      "time-with-time-zone",
      "timeout-by-hand",
      "timestamp-without-time-zone",
      "trigger-disabled",
      "truncate",
      "unique-without-index",
      "vacuum-full",
      "validation-beside-blocking",
      "varchar-column",
  };
  return names;
}

}  // namespace auterity::operations::lint
