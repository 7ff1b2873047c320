#pragma once
// How a migration's file is to be run, read from its parse trees and from the declarations in its
// comments. Pure. The declarations:
//
//   -- auterity: irreversible: REASON                  in a down file: there is no way back
//   -- auterity: backfill table=T batch=N pause=MS     before the one UPDATE, DELETE or INSERT of a
//                                                      file, which limits itself with LIMIT $1
//   -- auterity: ignore RULE: REASON                   before a statement: the linter passes it
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "data/migrations/sql_parser.h"

namespace auterity::data {

enum class RunClass {
  transaction,  // the whole file and its record in one transaction
  validation,   // the same, with time for the scan of ALTER TABLE … VALIDATE CONSTRAINT
  index,        // one CREATE or DROP INDEX CONCURRENTLY
  alone,        // one other statement that refuses transactions and may be repeated (VACUUM, …)
  backfill,     // one statement, batch after batch until it touches no row
};
std::string_view name_of(RunClass run_class);

struct Backfill {
  std::string table;
  int batch = 0;      // rows, 1…100000
  Duration pause{0};  // at least, between batches
};

struct IgnoredRule {
  std::string rule;
  std::string reason;
  int line = 0;
};

// What an `auterity:` comment declares.
struct Declarations {
  std::optional<Backfill> backfill;
  std::vector<IgnoredRule> ignored;
  std::optional<std::string> irreversible;  // the reason
};
// invalid_input names the line of a declaration that is unknown or malformed.
Result<Declarations> read_declarations(const std::vector<SqlComment>& comments);

struct Script {
  RunClass run_class = RunClass::transaction;
  std::vector<SqlStatement> statements;
  std::optional<Backfill> backfill;
};
// invalid_input, with the line, for what cannot be run: SQL that does not parse, transaction
// control, a statement that refuses transactions beside others, a backfill that is none.
Result<Script> read_script(const std::string& sql);

}  // namespace auterity::data
