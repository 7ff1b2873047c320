// Rows that are changed by a migration.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "operations/migrate/lint/rules.h"

namespace auterity::operations::lint {
namespace {

// WHERE true, WHERE 1 = 1: no column is asked.
bool asks_for_columns(const Json& condition) {
  bool found = false;
  for (const std::string_view kind : {"ColumnRef", "SubLink", "CurrentOfExpr"})
    data::for_each_node(condition, kind, [&](const Json&) { found = true; });
  return found;
}

void check_backfill(const data::SqlStatement& statement, Report& report) {
  data::for_each_node(statement.node, "LockingClause", [&](const Json& clause) {
    if (data::text_of(clause, "waitPolicy") == "LockWaitSkip")
      report.add("backfill-skips-locked", "the backfill passes over rows that somebody holds",
                 "it ends with rows that were never changed", "FOR UPDATE without SKIP LOCKED");
  });
}

}  // namespace

void check_data_changes(const data::SqlStatement& statement, Report& report) {
  const bool update = statement.kind == "UpdateStmt";
  if (report.around().run_class == data::RunClass::backfill) {
    check_backfill(statement, report);
    return;
  }
  if (statement.kind == "TruncateStmt") {
    for (const Json& relation : data::list_of(statement.node, "relations"))
      if (const auto table = data::table_of(data::as(relation, "RangeVar")); !report.is_new(table))
        report.add("truncate", fmt::format("{} is emptied", table.text()),
                   "under ACCESS EXCLUSIVE, and it is lost for readers with older snapshots, too",
                   "delete in a backfill");
    return;
  }
  if (!update && statement.kind != "DeleteStmt") return;
  const auto table = data::table_of(data::member(statement.node, "relation"));
  if (report.is_new(table)) return;
  const Json& condition = data::member(statement.node, "whereClause");
  if (!condition.is_object() || !asks_for_columns(condition))
    report.add("change-without-where",
               fmt::format("every row of {} is {}", table.text(), update ? "updated" : "deleted"),
               "all rows stay locked until the migration ends, and the table doubles",
               "say which rows, in a backfill: -- auterity: backfill table=… batch=…");
  else if (!report.is_small(table))
    report.add("change-in-one-transaction",
               fmt::format("rows of {} are {} in one transaction", table.text(),
                           update ? "updated" : "deleted"),
               "they stay locked until the migration ends, however many they are",
               "a backfill: -- auterity: backfill table=… batch=…");
}

}  // namespace auterity::operations::lint
