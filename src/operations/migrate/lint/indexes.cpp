// Indexes of tables that are in use.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "operations/migrate/lint/rules.h"

namespace auterity::operations::lint {

void check_indexes(const data::SqlStatement& statement, Report& report) {
  const Json& node = statement.node;
  const bool concurrent = data::flag_of(node, "concurrent");
  if (statement.kind == "IndexStmt" && !concurrent) {
    const auto table = data::table_of(data::member(node, "relation"));
    if (!report.is_new(table) && !report.is_small(table))
      report.add("index-not-concurrent",
                 fmt::format("an index of {} is built in a transaction", table.text()),
                 "the table refuses writes until the index is built",
                 "CREATE INDEX CONCURRENTLY in a migration of its own");
  }
  if (statement.kind == "IndexStmt" && data::flag_of(node, "unique") && concurrent &&
      data::flag_of(node, "if_not_exists"))
    report.add("index-if-not-exists",
               fmt::format("index {} may be there already", data::text_of(node, "idxname")),
               "one left invalid by a broken build would count as built",
               "remove IF NOT EXISTS: an invalid index is found and built anew by itself");
  if (statement.kind == "DropStmt" && !concurrent &&
      data::text_of(node, "removeType") == "OBJECT_INDEX")
    report.add("drop-index-not-concurrent", "an index is dropped in a transaction",
               "reads and writes of its table stand still while it waits for its lock",
               "DROP INDEX CONCURRENTLY in a migration of its own");
  if (statement.kind == "ReindexStmt") {
    bool named = false;
    for (const Json& option : data::list_of(node, "params"))
      named = named || data::text_of(data::as(option, "DefElem"), "defname") == "concurrently";
    if (!named)
      report.add("reindex-not-concurrent", "an index is rebuilt in place",
                 "the table refuses writes, and reads by that index stand still",
                 "REINDEX … CONCURRENTLY in a migration of its own");
  }
}

}  // namespace auterity::operations::lint
