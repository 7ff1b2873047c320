#include "data/migrations/sql_parser.h"

#include <fmt/format.h>
#include <pg_query.h>

#include <algorithm>
#include <boost/json.hpp>
#include <memory>

namespace auterity::data {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f\v";

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

// Behind the end of a block comment that begins at `from`; they nest (SQL:1999).
std::size_t end_of_block(std::string_view sql, std::size_t from) {
  int depth = 0;
  for (std::size_t at = from; at + 1 < sql.size();) {
    const auto pair = sql.substr(at, 2);
    if (pair == "/*") ++depth;
    if (pair == "*/" && --depth == 0) return at + 2;
    at += pair == "/*" || pair == "*/" ? 2 : 1;
  }
  return sql.size();
}

int line_at(std::string_view sql, std::size_t offset) {
  return 1 + static_cast<int>(std::ranges::count(sql.substr(0, offset), '\n'));
}

std::size_t number(const Json& object, std::string_view name, std::size_t fallback) {
  const Json* value = find_member(object, name);
  return value != nullptr && value->is_int64() ? static_cast<std::size_t>(value->get_int64())
                                               : fallback;
}

Result<SqlStatement> read_statement(std::string_view sql, const Json& raw) {
  const Json* tree = find_member(raw, "stmt");
  if (tree == nullptr || !tree->is_object() || tree->get_object().size() != 1)
    return fail(ErrorKind::internal, "the SQL parser answered a tree without a statement");
  SqlStatement statement;
  statement.kind = tree->get_object().begin()->key();
  statement.node = tree->get_object().begin()->value();
  const std::size_t start = number(raw, "stmt_location", 0);
  const auto whole = sql.substr(start, number(raw, "stmt_len", sql.size() - start));
  std::size_t first_word = 0;
  statement.comments = leading_comments(whole, first_word);
  const int line_before = line_at(sql, start) - 1;
  for (SqlComment& comment : statement.comments) comment.line += line_before;
  statement.text = trimmed(whole.substr(first_word));
  statement.line = line_at(sql, start + first_word);
  return statement;
}

}  // namespace

std::vector<SqlComment> leading_comments(std::string_view sql, std::size_t& end) {
  std::vector<SqlComment> comments;
  end = 0;
  while (end < sql.size()) {
    if (kSpace.contains(sql[end])) {
      ++end;
      continue;
    }
    const auto pair = sql.substr(end, 2);
    if (pair != "--" && pair != "/*") break;
    const std::size_t stop =
        pair == "--" ? std::min(sql.find('\n', end), sql.size()) : end_of_block(sql, end);
    auto text = sql.substr(end + 2, stop - end - 2);
    if (pair == "/*" && text.ends_with("*/")) text.remove_suffix(2);
    comments.push_back({trimmed(text), line_at(sql, end)});
    end = stop;
  }
  return comments;
}

std::string quoted_identifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

Result<std::vector<SqlStatement>> parse_sql(const std::string& sql) {
  if (const auto zero = sql.find('\0'); zero != std::string::npos)
    return fail(ErrorKind::invalid_input,
                fmt::format("line {}: a NUL byte is no SQL", line_at(sql, zero)), "remove it");
  struct Free {
    void operator()(PgQueryParseResult* result) const { pg_query_free_parse_result(*result); }
  };
  PgQueryParseResult parsed = pg_query_parse(sql.c_str());
  const std::unique_ptr<PgQueryParseResult, Free> owner(&parsed);
  if (parsed.error != nullptr) {
    const auto at = static_cast<std::size_t>(std::max(parsed.error->cursorpos, 1) - 1);
    return fail(ErrorKind::invalid_input,
                fmt::format("line {}: {}", line_at(sql, at), parsed.error->message),
                "correct the SQL there; it is read by PostgreSQL's own grammar");
  }
  AUTERITY_TRY(tree, parse_json(parsed.parse_tree));
  std::vector<SqlStatement> statements;
  const Json* list = find_member(tree, "stmts");
  if (list == nullptr || !list->is_array()) return statements;
  for (const Json& raw : list->get_array()) {
    AUTERITY_TRY(statement, read_statement(sql, raw));
    statements.push_back(std::move(statement));
  }
  return statements;
}

}  // namespace auterity::data
