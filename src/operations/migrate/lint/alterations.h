#pragma once
// The commands of an ALTER TABLE, and the columns a CREATE TABLE or ALTER TABLE defines, as the
// rules look at them.
#include <string>

#include "data/migrations/sql_tree.h"
#include "operations/migrate/lint/finding.h"

namespace auterity::operations::lint {

// Calls visit(table, subtype, command) for each command of an ALTER TABLE.
template <typename Visit>
void for_each_alteration(const data::SqlStatement& statement, const Visit& visit) {
  if (statement.kind != "AlterTableStmt") return;
  const auto table = data::table_of(data::member(statement.node, "relation"));
  for (const Json& element : data::list_of(statement.node, "cmds")) {
    const Json& command = data::as(element, "AlterTableCmd");
    visit(table, data::text_of(command, "subtype"), command);
  }
}

// The constraint of a column definition, or a null value.
inline const Json& constraint_of(const Json& column, std::string_view type) {
  static const Json absent;
  for (const Json& element : data::list_of(column, "constraints")) {
    const Json& constraint = data::as(element, "Constraint");
    if (data::text_of(constraint, "contype") == type) return constraint;
  }
  return absent;
}

}  // namespace auterity::operations::lint
