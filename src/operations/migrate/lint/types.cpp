// Types of new columns, and changes of types.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "operations/migrate/lint/alterations.h"
#include "operations/migrate/lint/rules.h"

namespace auterity::operations::lint {
namespace {

void check_type(const Json& column, Report& report) {
  const std::string name = data::text_of(column, "colname");
  const std::string type = data::type_name(data::member(column, "typeName"));
  if (type == "serial" || type == "bigserial" || type == "smallserial")
    report.add("serial-column", fmt::format("column {} is a {}", name, type),
               "its sequence has rights and an owner of its own, and 4-byte ones run out",
               "bigint GENERATED ALWAYS AS IDENTITY");
  if (type == "bpchar")
    report.add("char-column", fmt::format("column {} is a char(n)", name),
               "values are padded with spaces, which compare differently everywhere", "text");
  if (type == "varchar" && !data::list_of(data::member(column, "typeName"), "typmods").empty())
    report.add("varchar-column", fmt::format("column {} is a varchar(n)", name),
               "another length later is a change of the type",
               "text, with a CHECK when the length matters");
  if (type == "timestamp")
    report.add("timestamp-without-time-zone",
               fmt::format("column {} is a timestamp without time zone", name),
               "its meaning depends on the session that wrote it", "timestamptz");
  if (type == "timetz")
    report.add("time-with-time-zone", fmt::format("column {} is a time with time zone", name),
               "an offset without a date means nothing where clocks change", "timestamptz or time");
  if (type == "json")
    report.add("json-column", fmt::format("column {} is json", name),
               "it has no equality, so DISTINCT and UNION over it fail", "jsonb, or text");
  if (type == "money")
    report.add("money-column", fmt::format("column {} is money", name),
               "its fraction depends on the server's locale", "numeric");
}

}  // namespace

void check_types(const data::SqlStatement& statement, Report& report) {
  if (statement.kind == "CreateStmt")
    for (const Json& element : data::list_of(statement.node, "tableElts"))
      if (const Json& column = data::as(element, "ColumnDef"); column.is_object())
        check_type(column, report);
  for_each_alteration(statement,
                      [&](const data::TableName&, const std::string& subtype, const Json& command) {
                        if (subtype == "AT_AddColumn")
                          check_type(data::as(data::member(command, "def"), "ColumnDef"), report);
                      });
  if (statement.kind != "AlterEnumStmt") return;
  const std::string type = data::table_of(data::names_of(statement.node, "typeName")).text();
  if (report.around().created_types.contains(type)) return;
  if (!data::text_of(statement.node, "oldVal").empty())
    report.add("enum-value-renamed", fmt::format("a value of {} is renamed", type),
               "the running release writes and reads the old name",
               "add the new value, move the rows, and leave the old one");
  else
    report.add(
        "enum-value-added",
        fmt::format("value {} is added to {}", data::text_of(statement.node, "newVal"), type),
        "it can never be removed, cannot be used in this transaction, and the running release "
        "does not know it",
        "see that no release that reads it runs before, then ignore this with that reason");
}

}  // namespace auterity::operations::lint
