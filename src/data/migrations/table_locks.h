#pragma once
// Which lock a statement takes on which table, from its parse tree alone
// (https://www.postgresql.org/docs/15/explicit-locking.html and the pages of the commands). What
// the parser cannot know (the table of an index that is dropped, tables reached by cascade) is not
// here.
#include <string_view>
#include <vector>

#include "data/migrations/sql_parser.h"
#include "data/migrations/sql_tree.h"

namespace auterity::data {

// Numbered like PostgreSQL's; a higher one conflicts with more.
enum class LockMode {
  access_share = 1,
  row_share,
  row_exclusive,
  share_update_exclusive,
  share,
  share_row_exclusive,
  exclusive,
  access_exclusive,
};
// "ACCESS EXCLUSIVE", as in LOCK TABLE.
std::string_view name_of(LockMode mode);
// What others cannot do meanwhile: "blocks reads and writes", "blocks writes", "blocks no reads or
// writes".
std::string_view consequence_of(LockMode mode);

struct TableLock {
  TableName table;
  LockMode mode = LockMode::access_share;
};

// In the order in which they are taken. Tables that the statement creates are left out.
std::vector<TableLock> locks_of(const SqlStatement& statement);

}  // namespace auterity::data
