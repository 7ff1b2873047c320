#include "data/migrations/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "data/migrations/sql_tree.h"

namespace auterity::data {
namespace {

constexpr std::string_view kMark = "auterity:";
constexpr int kLargestBatch = 100000;
constexpr int kLongestPauseMs = 60000;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::unexpected<Error> malformed(const SqlComment& comment, std::string_view what) {
  return fail(ErrorKind::invalid_input, fmt::format("line {}: {}", comment.line, what),
              "declarations are: `-- auterity: irreversible: REASON`, `-- auterity: backfill "
              "table=T batch=N pause=MS`, `-- auterity: ignore RULE: REASON`");
}

// A number of [1, most], or nullopt.
std::optional<int> parse_number(std::string_view text, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > most)
    return std::nullopt;
  return value;
}

Result<Backfill> read_backfill(const SqlComment& comment, std::string_view words) {
  Backfill backfill;
  for (words = trimmed(words); !words.empty(); words = trimmed(words)) {
    const auto word = words.substr(0, words.find(' '));
    words.remove_prefix(word.size());
    const auto equals = word.find('=');
    const auto key = word.substr(0, equals);
    const auto value = equals == std::string_view::npos ? "" : word.substr(equals + 1);
    if (key == "table" && !value.empty()) {
      backfill.table = value;
    } else if (const auto rows = parse_number(value, kLargestBatch); key == "batch" && rows) {
      backfill.batch = *rows;
    } else if (const auto pause = parse_number(value, kLongestPauseMs); key == "pause" && pause) {
      backfill.pause = std::chrono::milliseconds(*pause);
    } else {
      return malformed(comment, fmt::format("the backfill's `{}` cannot be read", word));
    }
  }
  if (backfill.table.empty() || backfill.batch == 0)
    return malformed(comment, "a backfill needs table= and batch=");
  return backfill;
}

bool is_data_change(const SqlStatement& statement) {
  return statement.kind == "UpdateStmt" || statement.kind == "DeleteStmt" ||
         statement.kind == "InsertStmt";
}

bool concurrent_option(const Json& node) {
  return std::ranges::any_of(list_of(node, "params"), [](const Json& option) {
    return text_of(as(option, "DefElem"), "defname") == "concurrently";
  });
}

// What PostgreSQL refuses inside a transaction.
std::optional<RunClass> class_outside(const SqlStatement& statement) {
  const Json& node = statement.node;
  if (statement.kind == "IndexStmt" && flag_of(node, "concurrent")) return RunClass::index;
  if (statement.kind == "DropStmt" && flag_of(node, "concurrent")) return RunClass::index;
  if (statement.kind == "VacuumStmt" && flag_of(node, "is_vacuumcmd")) return RunClass::alone;
  if (statement.kind == "ReindexStmt" && concurrent_option(node)) return RunClass::alone;
  if (statement.kind == "AlterTableStmt")
    for (const Json& command : list_of(node, "cmds"))
      if (flag_of(as(member(as(command, "AlterTableCmd"), "def"), "PartitionCmd"), "concurrent"))
        return RunClass::alone;
  return std::nullopt;
}

bool validates(const SqlStatement& statement) {
  if (statement.kind != "AlterTableStmt") return false;
  return std::ranges::any_of(list_of(statement.node, "cmds"), [](const Json& command) {
    return text_of(as(command, "AlterTableCmd"), "subtype") == "AT_ValidateConstraint";
  });
}

std::unexpected<Error> refused(const SqlStatement& statement, std::string_view what,
                               std::string hint) {
  return fail(ErrorKind::invalid_input, fmt::format("line {}: {}", statement.line, what),
              std::move(hint));
}

Status check_runnable(const SqlStatement& statement, std::size_t statements) {
  if (statement.kind == "TransactionStmt")
    return refused(statement, "a migration may not begin or end transactions",
                   "remove the statement: the file runs in a transaction of its own");
  if (statement.kind == "CreatedbStmt" || statement.kind == "DropdbStmt" ||
      statement.kind == "AlterSystemStmt")
    return refused(statement, "a migration changes the schema of one database, not the server",
                   "do that with the platform's own commands");
  if (class_outside(statement) && statements > 1)
    return refused(statement, "this statement refuses transactions, so it must stand alone",
                   "give it a migration of its own: auterity migrate new NAME");
  if (statement.kind == "IndexStmt" && flag_of(statement.node, "concurrent") &&
      text_of(statement.node, "idxname").empty())
    return refused(statement, "an index that is built concurrently needs a name",
                   "name it, so that one left invalid can be found and removed");
  return {};
}

Status check_backfill(const Script& script) {
  const SqlStatement& statement = script.statements.front();
  if (script.statements.size() != 1 || !is_data_change(statement))
    return refused(statement, "a backfill is one UPDATE, DELETE or INSERT",
                   "give it a migration of its own: auterity migrate new NAME");
  bool limited = false;
  for_each_node(statement.node, "limitCount", [&](const Json& limit) {
    const Json& number = member(as(limit, "ParamRef"), "number");
    limited = limited || (number.is_int64() && number.get_int64() == 1);
  });
  if (!limited)
    return refused(statement, "a backfill must take its rows with LIMIT $1",
                   "for example: UPDATE t SET a = b WHERE id IN (SELECT id FROM t WHERE a IS NULL "
                   "LIMIT $1 FOR UPDATE)");
  return {};
}

}  // namespace

std::string_view name_of(RunClass run_class) {
  switch (run_class) {
    case RunClass::transaction:
      return "in one transaction";
    case RunClass::validation:
      return "in one transaction, with a scan";
    case RunClass::index:
      return "concurrently, outside a transaction";
    case RunClass::alone:
      return "outside a transaction";
    case RunClass::backfill:
      return "in batches";
  }
  return "";
}

Result<Declarations> read_declarations(const std::vector<SqlComment>& comments) {
  Declarations declared;
  for (const SqlComment& comment : comments) {
    std::string_view text = comment.text;
    if (!text.starts_with(kMark)) continue;
    text = trimmed(text.substr(kMark.size()));
    const auto end = std::min(text.find_first_of(" :"), text.size());
    const auto word = text.substr(0, end);
    const auto rest = trimmed(text.substr(end));
    const auto colon = rest.find(':');
    const auto reason = colon == std::string_view::npos ? "" : trimmed(rest.substr(colon + 1));
    if (word == "backfill") {
      AUTERITY_TRY(backfill, read_backfill(comment, rest));
      declared.backfill = std::move(backfill);
    } else if (word == "irreversible") {
      if (reason.empty()) return malformed(comment, "`irreversible` needs a reason");
      declared.irreversible = reason;
    } else if (word == "ignore") {
      const auto rule = trimmed(rest.substr(0, colon));
      if (rule.empty() || reason.empty())
        return malformed(comment, "`ignore` needs a rule and a reason");
      declared.ignored.push_back({std::string(rule), std::string(reason), comment.line});
    } else {
      return malformed(comment, fmt::format("nothing is declared by `{}`", word));
    }
  }
  return declared;
}

Result<Script> read_script(const std::string& sql) {
  Script script;
  AUTERITY_TRY(statements, parse_sql(sql));
  script.statements = std::move(statements);
  for (const SqlStatement& statement : script.statements) {
    AUTERITY_CHECK(check_runnable(statement, script.statements.size()));
    AUTERITY_TRY(declared, read_declarations(statement.comments));
    if (declared.backfill) script.backfill = std::move(declared.backfill);
    if (const auto outside = class_outside(statement)) script.run_class = *outside;
    if (script.run_class == RunClass::transaction && validates(statement))
      script.run_class = RunClass::validation;
  }
  if (!script.backfill) return script;
  AUTERITY_CHECK(check_backfill(script));
  script.run_class = RunClass::backfill;
  return script;
}

}  // namespace auterity::data
