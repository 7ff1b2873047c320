// Constraints on tables that are in use.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "operations/migrate/lint/alterations.h"
#include "operations/migrate/lint/rules.h"

namespace auterity::operations::lint {
namespace {

using data::as;
using data::flag_of;
using data::member;
using data::TableName;
using data::text_of;

void check_constraint(const TableName& table, const Json& constraint, Report& report) {
  const std::string type = text_of(constraint, "contype");
  const bool unchecked = flag_of(constraint, "skip_validation");
  if (type == "CONSTR_FOREIGN" && !unchecked && !report.is_small(table))
    report.add("foreign-key-not-not-valid",
               fmt::format("a foreign key of {} is checked at once", table.text()),
               "both tables refuse writes while every row is looked up",
               "add it NOT VALID, and validate it in another migration");
  if (type == "CONSTR_CHECK" && !unchecked && !report.is_small(table))
    report.add("check-not-not-valid", fmt::format("a check of {} is checked at once", table.text()),
               "the whole table is scanned under ACCESS EXCLUSIVE: reads and writes stand still",
               "add it NOT VALID, and validate it in another migration");
  const bool unique = type == "CONSTR_UNIQUE" || type == "CONSTR_PRIMARY";
  if (unique && text_of(constraint, "indexname").empty() && !report.is_small(table))
    report.add(
        "unique-without-index",
        fmt::format("a {} of {} builds its index at once",
                    type == "CONSTR_UNIQUE" ? "unique constraint" : "primary key", table.text()),
        "the index is built under ACCESS EXCLUSIVE: reads and writes stand still",
        "CREATE UNIQUE INDEX CONCURRENTLY in a migration before, then ADD CONSTRAINT … USING "
        "INDEX");
  if (type == "CONSTR_EXCLUSION" && !report.is_small(table))
    report.add("exclusion-constraint", fmt::format("an exclusion constraint of {}", table.text()),
               "its index is built under ACCESS EXCLUSIVE, and there is no concurrent way",
               "add it to a new table, or in a quiet hour");
}

}  // namespace

void check_constraints(const data::SqlStatement& statement, Report& report) {
  bool validates = false;
  bool blocks = false;
  for_each_alteration(statement,
                      [&](const TableName& table, const std::string& subtype, const Json& command) {
                        validates = validates || subtype == "AT_ValidateConstraint";
                        blocks = blocks || subtype != "AT_ValidateConstraint";
                        if (report.is_new(table)) return;
                        if (subtype == "AT_AddConstraint")
                          check_constraint(table, as(member(command, "def"), "Constraint"), report);
                        if (subtype != "AT_AddColumn") return;
                        for (const Json& element :
                             data::list_of(as(member(command, "def"), "ColumnDef"), "constraints"))
                          check_constraint(table, as(element, "Constraint"), report);
                      });
  // Any statement of the file that blocks holds its lock while the other one scans.
  const bool beside_others = report.around().run_class == data::RunClass::validation &&
                             !validates && statement.kind == "AlterTableStmt";
  if ((validates && blocks) || beside_others)
    report.add("validation-beside-blocking",
               "a constraint is validated in the same transaction as a statement that blocks",
               "the lock of the one is held for as long as the other scans",
               "validate in a migration of its own");
  if (statement.kind == "CreateStmt")
    data::for_each_node(statement.node, "Constraint", [&](const Json& constraint) {
      const TableName other = data::table_of(member(constraint, "pktable"));
      if (text_of(constraint, "contype") == "CONSTR_FOREIGN" &&
          text_of(constraint, "fk_del_action") == "c" && !report.is_new(other))
        report.add("cascade-from-existing-table",
                   fmt::format("deleting from {} deletes from the new table, too", other.text()),
                   "the running release deletes more than it knows of, in one statement",
                   "delete in the application, or ignore this with the reason");
    });
}

}  // namespace auterity::operations::lint
