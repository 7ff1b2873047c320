#include "operations/migrate/planned_statements.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "core/counted.h"
#include "data/migrations/script.h"
#include "data/migrations/sql_tree.h"
#include "data/migrations/table_locks.h"
#include "operations/migrate/lint/linter.h"

namespace auterity::operations {
namespace {

using data::SqlStatement;

constexpr std::size_t kLongestSummary = 90;

std::string summary_of(const SqlStatement& statement) {
  std::string summary;
  for (const char c : statement.text) {
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (space && (summary.empty() || summary.back() == ' ')) continue;
    summary += space ? ' ' : c;
    if (summary.size() < kLongestSummary) continue;
    if (summary.back() == ' ') summary.pop_back();
    return summary + "…";
  }
  return summary;
}

std::string duration_of_alteration(const SqlStatement& statement) {
  bool scans = false;
  bool rewrites = false;
  for (const Json& element : data::list_of(statement.node, "cmds")) {
    const Json& command = data::as(element, "AlterTableCmd");
    const std::string type = data::text_of(command, "subtype");
    const Json& constraint = data::as(data::member(command, "def"), "Constraint");
    rewrites = rewrites || type == "AT_AlterColumnType" || type == "AT_SetTableSpace" ||
               type == "AT_SetLogged" || type == "AT_SetUnLogged";
    const bool by_index = !data::text_of(constraint, "indexname").empty();
    scans =
        scans || type == "AT_ValidateConstraint" || type == "AT_SetNotNull" ||
        type == "AT_AttachPartition" ||
        (type == "AT_AddConstraint" && !by_index && !data::flag_of(constraint, "skip_validation"));
  }
  return rewrites ? "may rewrite the table" : scans ? "scans the table" : "short";
}

// By what the statement does, not by a promise of seconds.
std::string duration_of(const SqlStatement& statement, data::RunClass run_class) {
  if (run_class == data::RunClass::backfill) return "in batches, as long as there are rows";
  if (statement.kind == "IndexStmt") return "builds an index";
  if (statement.kind == "AlterTableStmt") return duration_of_alteration(statement);
  if (statement.kind == "UpdateStmt" || statement.kind == "DeleteStmt" ||
      statement.kind == "InsertStmt")
    return "as long as there are rows";
  if (statement.kind == "VacuumStmt" || statement.kind == "ClusterStmt" ||
      statement.kind == "ReindexStmt" || statement.kind == "RefreshMatViewStmt")
    return "reads the whole table";
  return "short";
}

// What is not known, or an estimate of an empty table, says nothing.
std::string size_of(const data::TableName& table, const std::optional<lint::TableSizes>& sizes) {
  if (!sizes) return "";
  const auto rows = sizes->find(table.text());
  return rows == sizes->end() || rows->second <= 0
             ? ""
             : fmt::format(" (about {})", counted(static_cast<std::uint64_t>(rows->second), "row"));
}

}  // namespace

Result<PlannedMigration> describe_migration(const data::Migration& migration,
                                            MigrateDirection direction,
                                            const std::optional<lint::TableSizes>& sizes) {
  const bool up = direction == MigrateDirection::up;
  auto script = data::read_script(up ? migration.up : migration.down);
  if (!script)
    return std::unexpected(std::move(script).error().within(
        fmt::format("{}.{}.sql", label(migration), up ? "up" : "down")));
  PlannedMigration planned{
      migration.revision, label(migration), std::string(name_of(script->run_class)), {}, {}};
  std::set<data::TableName> created;
  for (const SqlStatement& statement : script->statements) {
    PlannedStatement described{
        statement.line, summary_of(statement), {}, duration_of(statement, script->run_class)};
    if (statement.kind == "CreateStmt")
      created.insert(data::table_of(data::member(statement.node, "relation")));
    bool only_new = true;
    for (const data::TableLock& lock : locks_of(statement)) {
      if (created.contains(lock.table)) continue;
      only_new = false;
      described.locks.push_back(fmt::format("{} on {}{}: {}", name_of(lock.mode), lock.table.text(),
                                            size_of(lock.table, sizes), consequence_of(lock.mode)));
    }
    if (only_new && statement.kind == "IndexStmt") described.duration = "short";
    planned.statements.push_back(std::move(described));
  }
  if (up) planned.findings = lint::lint(migration, sizes);
  return planned;
}

}  // namespace auterity::operations
