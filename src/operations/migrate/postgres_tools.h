#pragma once
// PostgreSQL's own client programs (pg_dump, pg_restore): the ones of the server's version, since
// pg_dump refuses newer servers, with the administrator's connection in their environment and not
// in their arguments.
#include <string>
#include <vector>

#include "operations/migrate/target.h"

namespace auterity::operations {

struct PostgresTool {
  std::vector<std::string> arguments;  // [0]: "pg_dump"
  std::string database;                // that it connects to
  std::string input = {};
  Duration limit = std::chrono::hours(6);
  std::size_t most_output_bytes = 16u << 20;
};
// Answers what it wrote to its standard output; not_ready when the tool is not installed.
Async<Result<std::string>> run_postgres_tool(MigrateServices& services, const MigrateTarget& target,
                                             PostgresTool tool);

}  // namespace auterity::operations
