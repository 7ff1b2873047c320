// Columns that are added or altered in place.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <set>

#include "operations/migrate/lint/alterations.h"
#include "operations/migrate/lint/rules.h"

namespace auterity::operations::lint {
namespace {

using data::as;
using data::member;
using data::TableName;
using data::text_of;

// Functions of which a default may be computed once, so that no row is rewritten.
const std::set<std::string, std::less<>>& stable_functions() {
  static const std::set<std::string, std::less<>> names{"now",
                                                        "current_timestamp",
                                                        "transaction_timestamp",
                                                        "statement_timestamp",
                                                        "current_date",
                                                        "lower",
                                                        "upper",
                                                        "to_timestamp",
                                                        "make_interval",
                                                        "concat",
                                                        "jsonb_build_object",
                                                        "jsonb_build_array",
                                                        "array_fill",
                                                        "md5",
                                                        "coalesce"};
  return names;
}

// Whether each row would get a value of its own; a function that is not known is taken for it.
bool is_volatile(const Json& expression) {
  bool found = false;
  data::for_each_node(expression, "FuncCall", [&](const Json& call) {
    const auto names = data::names_of(call, "funcname");
    found = found || names.empty() || !stable_functions().contains(names.back());
  });
  return found;
}

void check_added(const TableName& table, const Json& column, Report& report) {
  const std::string name = text_of(column, "colname");
  const Json& fallback = constraint_of(column, "CONSTR_DEFAULT");
  const bool has_default = fallback.is_object();
  if (has_default && is_volatile(member(fallback, "raw_expr")) && !report.is_small(table))
    report.add("column-with-volatile-default",
               fmt::format("column {} of {} is added with a default that differs by row", name,
                           table.text()),
               "every row is rewritten under ACCESS EXCLUSIVE: reads and writes stand still",
               "add the column without the default, set the default, then fill in a backfill");
  const bool generated = constraint_of(column, "CONSTR_GENERATED").is_object() ||
                         constraint_of(column, "CONSTR_IDENTITY").is_object();
  if (generated && !report.is_small(table))
    report.add("column-generated-stored",
               fmt::format("generated column {} is added to {}", name, table.text()),
               "every row is rewritten under ACCESS EXCLUSIVE: reads and writes stand still",
               "add a plain column, fill it by a trigger and a backfill");
  if (constraint_of(column, "CONSTR_NOTNULL").is_object() && !has_default && !generated)
    report.add("column-not-null-without-default",
               fmt::format("column {} of {} is NOT NULL without a default", name, table.text()),
               "it fails on a table with rows, and the running release cannot insert any more",
               "give it a default, or add it without NOT NULL");
}

void check_type_change(const TableName& table, const Json& command, Report& report) {
  const Json& definition = as(member(command, "def"), "ColumnDef");
  const std::string type = data::type_name(member(definition, "typeName"));
  const bool with_length = !data::list_of(member(definition, "typeName"), "typmods").empty();
  // From varchar(n) and text to these nothing is rewritten; from anything else it is.
  if ((type == "text" || type == "varchar") && !with_length &&
      !member(definition, "raw_default").is_object()) {
    report.add(
        "column-type-changed",
        fmt::format("column {} of {} becomes {}", text_of(command, "name"), table.text(), type),
        "from another type than varchar or text every row is rewritten under ACCESS "
        "EXCLUSIVE, and the running release's prepared statements fail once",
        "ignore this with that reason when it was varchar or text; else add a new column");
    return;
  }
  report.add(
      "column-type-changed",
      fmt::format("column {} of {} becomes {}", text_of(command, "name"), table.text(), type),
      "every row and index is rewritten under ACCESS EXCLUSIVE, and the running release may "
      "not understand the new type",
      "add a new column, write both, fill it in a backfill, switch, then drop the old one");
}

}  // namespace

void check_columns(const data::SqlStatement& statement, Report& report) {
  for_each_alteration(statement, [&](const TableName& table, const std::string& subtype,
                                     const Json& command) {
    if (report.is_new(table)) return;
    if (subtype == "AT_AddColumn")
      check_added(table, as(member(command, "def"), "ColumnDef"), report);
    if (subtype == "AT_AlterColumnType") check_type_change(table, command, report);
    if (subtype == "AT_SetNotNull" && !report.is_small(table))
      report.add(
          "not-null-without-validated-check",
          fmt::format("column {} of {} becomes NOT NULL", text_of(command, "name"), table.text()),
          "the whole table is scanned under ACCESS EXCLUSIVE: reads and writes stand still",
          "add CHECK (column IS NOT NULL) NOT VALID, validate it in another migration, and "
          "then ignore this with that reason: PostgreSQL takes the check as proof");
    if (subtype == "AT_AddIdentity" && !report.is_small(table))
      report.add("column-generated-stored",
                 fmt::format("column {} of {} becomes an identity", text_of(command, "name"),
                             table.text()),
                 "the running release's inserts may break, under ACCESS EXCLUSIVE",
                 "add a new identity column to a new table instead");
  });
}

}  // namespace auterity::operations::lint
