#pragma once
// SQL as PostgreSQL reads it: its own grammar (libpg_query), never a guess by text. Splits a file
// into statements with their parse trees, lines and the comments that stand before them. Pure.
// Trees are libpg_query's JSON form: an object with one member, named after the node's type.
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/json.h"

namespace auterity::data {

struct SqlComment {
  std::string text;  // without its marks, trimmed
  int line = 0;
};

struct SqlStatement {
  std::string kind;                  // "AlterTableStmt"
  Json node;                         // the members of that node
  std::string text;                  // without comments before it and without its semicolon
  int line = 0;                      // of its first word
  std::vector<SqlComment> comments;  // that stand before it, after the statement before
};

// invalid_input names the line that cannot be parsed.
Result<std::vector<SqlStatement>> parse_sql(const std::string& sql);

// The comments at the beginning of `sql`; `end` is where the first word stands.
std::vector<SqlComment> leading_comments(std::string_view sql, std::size_t& end);

// "x" as "\"x\"", with quotes inside doubled.
std::string quoted_identifier(std::string_view name);

}  // namespace auterity::data
