// What the running release still uses: dropped or renamed.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "operations/migrate/lint/alterations.h"
#include "operations/migrate/lint/rules.h"

namespace auterity::operations::lint {
namespace {

constexpr std::string_view kBreaks =
    "the running release uses it, also beside the new one during a deploy, and fails";
constexpr std::string_view kContract =
    "first ship a release that does not use it; then, in a later one, drop it and ignore this with "
    "that reason";

void check_dropped(const data::SqlStatement& statement, Report& report) {
  const std::string type = data::text_of(statement.node, "removeType");
  if (data::text_of(statement.node, "behavior") == "DROP_CASCADE")
    report.add("drop-cascade", "CASCADE drops what depends on it, too",
               "what that is depends on the database, not on this file", "name everything");
  if (type != "OBJECT_TABLE" && type != "OBJECT_VIEW" && type != "OBJECT_SCHEMA") return;
  for (const Json& object : data::list_of(statement.node, "objects")) {
    const Json& list = data::as(object, "List");
    const auto name = list.is_object()
                          ? data::table_of(data::names_of(list, "items"))
                          : data::TableName{"", data::text_of(data::as(object, "String"), "sval")};
    if (!report.is_new(name))
      report.add("table-dropped", fmt::format("{} is dropped", name.text()), std::string(kBreaks),
                 std::string(kContract));
  }
}

void check_renamed(const data::SqlStatement& statement, Report& report) {
  const auto table = data::table_of(data::member(statement.node, "relation"));
  const std::string type = data::text_of(statement.node, "renameType");
  if (report.is_new(table)) return;
  if (type == "OBJECT_COLUMN")
    report.add(
        "column-renamed",
        fmt::format("column {} of {} is renamed", data::text_of(statement.node, "subname"),
                    table.text()),
        std::string(kBreaks),
        "add a column, write both, fill it in a backfill, and drop the old one a release later");
  if (type == "OBJECT_TABLE" || type == "OBJECT_VIEW" || type == "OBJECT_SCHEMA")
    report.add("table-renamed", fmt::format("{} is renamed", table.text()), std::string(kBreaks),
               "make the new table beside it, or leave a view with the old name");
}

}  // namespace

void check_removals(const data::SqlStatement& statement, Report& report) {
  if (statement.kind == "DropStmt") check_dropped(statement, report);
  if (statement.kind == "RenameStmt") check_renamed(statement, report);
  if (statement.kind == "DropdbStmt" || statement.kind == "DropOwnedStmt")
    report.add("table-dropped", "everything is dropped", std::string(kBreaks),
               "name what is to be dropped");
  for_each_alteration(statement, [&](const data::TableName& table, const std::string& subtype,
                                     const Json& command) {
    if (report.is_new(table)) return;
    const std::string name = data::text_of(command, "name");
    if (subtype == "AT_DropColumn")
      report.add("column-dropped", fmt::format("column {} of {} is dropped", name, table.text()),
                 std::string(kBreaks), std::string(kContract));
    if (subtype == "AT_DisableTrig" || subtype == "AT_DisableTrigAll" ||
        subtype == "AT_DisableTrigUser" || subtype == "AT_DisableRule")
      report.add("trigger-disabled", fmt::format("triggers of {} are disabled", table.text()),
                 "for everybody, foreign keys included, until somebody enables them again",
                 "do not: change the rows so that the triggers may run");
    if (subtype == "AT_SetTableSpace" || subtype == "AT_SetLogged" || subtype == "AT_SetUnLogged")
      report.add("table-rewritten", fmt::format("{} is written anew", table.text()),
                 "under ACCESS EXCLUSIVE: reads and writes stand still",
                 "make a new table and copy in a backfill");
  });
}

}  // namespace auterity::operations::lint
