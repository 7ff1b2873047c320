#include "operations/migrate/lint/linter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <tuple>

#include "operations/migrate/lint/rules.h"

namespace auterity::operations::lint {
namespace {

using data::SqlStatement;

constexpr std::string_view kUnreadable = "unreadable";
constexpr std::string_view kEmpty = "empty";
constexpr std::string_view kUselessIgnore = "useless-ignore";

void note_created(const std::vector<SqlStatement>& statements, Surroundings& around) {
  for (const SqlStatement& statement : statements) {
    if (statement.kind == "CreateStmt")
      around.created.insert(data::table_of(data::member(statement.node, "relation")));
    if (statement.kind == "CreateTableAsStmt")
      around.created.insert(
          data::table_of(data::member(data::member(statement.node, "into"), "rel")));
    if (statement.kind == "CreateEnumStmt")
      around.created_types.insert(
          data::table_of(data::names_of(statement.node, "typeName")).text());
  }
}

// Takes out what is ignored with a reason; reports ignores that nothing answers to.
void apply_ignores(const std::vector<data::IgnoredRule>& ignored, const std::string& file,
                   std::vector<Finding>& findings) {
  for (const data::IgnoredRule& ignore : ignored) {
    const auto removed = std::erase_if(
        findings, [&](const Finding& finding) { return finding.rule == ignore.rule; });
    if (removed > 0) continue;
    const bool known = std::ranges::find(rule_names(), ignore.rule) != rule_names().end();
    findings.push_back({std::string(kUselessIgnore), file, ignore.line,
                        known ? fmt::format("`{}` has nothing to say here", ignore.rule)
                              : fmt::format("there is no rule `{}`", ignore.rule),
                        "a later reader believes that something is wrong here",
                        "remove the comment"});
  }
}

void lint_statement(const SqlStatement& statement, const Surroundings& around,
                    std::vector<Finding>& all) {
  std::vector<Finding> findings;
  Report report(around, statement, findings);
  for (const auto check : {check_columns, check_constraints, check_indexes, check_types,
                           check_removals, check_data_changes, check_maintenance})
    check(statement, report);
  if (const auto declared = data::read_declarations(statement.comments))
    apply_ignores(declared->ignored, around.file, findings);
  all.insert(all.end(), findings.begin(), findings.end());
}

}  // namespace

void Report::add(std::string rule, std::string what, std::string consequence, std::string mend) {
  findings_.push_back({std::move(rule), around_.file, statement_.line, std::move(what),
                       std::move(consequence), std::move(mend)});
}

bool Report::is_small(const data::TableName& table) const {
  if (!around_.sizes) return false;
  const auto rows = around_.sizes->find(table.text());
  return rows == around_.sizes->end() || rows->second <= kSmallTableRows;
}

std::vector<Finding> lint_file(const std::string& file, const std::string& sql,
                               const std::optional<TableSizes>& sizes) {
  const auto script = data::read_script(sql);
  if (!script)
    return {{std::string(kUnreadable), file, 0, script.error().message,
             "the migration would fail when it is applied", script.error().hint}};
  if (script->statements.empty())
    return {{std::string(kEmpty), file, 0, "the file holds no statement",
             "a revision that does nothing is recorded as done",
             "write it, or remove the migration; a down file without a way back declares "
             "`-- auterity: irreversible: REASON`"}};
  Surroundings around{file, script->run_class, {}, {}, sizes};
  note_created(script->statements, around);
  std::vector<Finding> findings;
  for (const SqlStatement& statement : script->statements)
    lint_statement(statement, around, findings);
  std::ranges::sort(findings, {},
                    [](const Finding& finding) { return std::tie(finding.line, finding.rule); });
  return findings;
}

std::vector<Finding> lint(const data::Migration& migration,
                          const std::optional<TableSizes>& sizes) {
  auto findings = lint_file(label(migration) + ".up.sql", migration.up, sizes);
  if (migration.down.empty()) return findings;
  // Going back takes away what going ahead made: dropping is its purpose. It must be able to run.
  const std::string file = label(migration) + ".down.sql";
  for (Finding& finding : lint_file(file, migration.down, sizes))
    if (finding.rule == kUnreadable || finding.rule == kEmpty || finding.rule == kUselessIgnore)
      findings.push_back(std::move(finding));
  return findings;
}

bool is_contracting(const Finding& finding) {
  constexpr std::array<std::string_view, 10> kRules{
      "table-dropped",      "table-renamed",       "column-dropped",
      "column-renamed",     "column-type-changed", "column-not-null-without-default",
      "enum-value-renamed", "drop-cascade",        "truncate",
      "trigger-disabled"};
  return std::ranges::find(kRules, finding.rule) != kRules.end();
}

std::string to_text(const Finding& finding) {
  const std::string place =
      finding.line > 0 ? fmt::format("{}:{}", finding.file, finding.line) : finding.file;
  return fmt::format("{}: {}: {}\n  consequence: {}\n  mend: {}\n", place, finding.rule,
                     finding.what, finding.consequence, finding.mend);
}

JsonObject to_json(const Finding& finding) {
  return {{"rule", finding.rule},
          {"file", finding.file},
          {"line", finding.line},
          {"what", finding.what},
          {"consequence", finding.consequence},
          {"mend", finding.mend}};
}

}  // namespace auterity::operations::lint
