#include "operations/migrate/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "data/migrations/applied.h"
#include "data/with_database.h"
#include "operations/migrate/databases.h"

namespace auterity::operations {
namespace {

using Checks = std::vector<SchemaCheck>;

constexpr std::size_t kShown = 5;

constexpr data::Statement kMissingTables{
    "validate.missing_tables",
    "SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NULL ORDER BY 1"};
constexpr data::Statement kInvalidIndexes{
    "validate.invalid_indexes",
    "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid OR NOT indisready "
    "ORDER BY 1"};
constexpr data::Statement kUnvalidated{
    "validate.unvalidated_constraints",
    "SELECT format('%s on %s', quote_ident(conname), conrelid::regclass) FROM pg_constraint "
    "WHERE NOT convalidated AND conrelid <> 0 ORDER BY 1"};
constexpr data::Statement kDisabledTriggers{
    "validate.disabled_triggers",
    "SELECT format('%s on %s', quote_ident(tgname), tgrelid::regclass) FROM pg_trigger "
    "WHERE tgenabled = 'D' ORDER BY 1"};

std::string shortened(std::vector<std::string> lines) {
  if (lines.size() > kShown) {
    const std::size_t more = lines.size() - kShown;
    lines.resize(kShown);
    lines.push_back(fmt::format("{} more", more));
  }
  return fmt::format("{}", fmt::join(lines, "; "));
}

Async<Result<std::vector<std::string>>> first_column(data::Session& session, data::Query query) {
  AUTERITY_CO_TRY(rows, co_await session.query(std::move(query)));
  std::vector<std::string> lines;
  for (std::size_t row = 0; row < rows->size(); ++row) lines.emplace_back(rows->text(row, 0));
  co_return lines;
}

SchemaCheck check_none(std::string id, std::vector<std::string> found, std::string what,
                       std::string hint, Verdict verdict = Verdict::fail) {
  if (found.empty()) return {std::move(id), Verdict::pass, "no " + what, {}};
  return {std::move(id), verdict, fmt::format("{}: {}", what, shortened(std::move(found))),
          std::move(hint)};
}

SchemaCheck check_checksums(const std::vector<data::Migration>& migrations,
                            const data::AppliedMigrations& applied) {
  std::vector<std::string> problems;
  for (const auto& [revision, row] : applied) {
    const auto problem = data::judge(migrations, row);
    if (problem == data::AppliedProblem::changed)
      problems.push_back(label(row) + ".up.sql was changed after it had been applied");
    if (problem == data::AppliedProblem::unknown)
      problems.push_back(label(row) + " is applied, but this release lacks it");
  }
  return check_none("checksums", std::move(problems), "changed or unknown revisions",
                    "put the files back as they were, and write changes as new migrations");
}

SchemaCheck check_revisions(const std::vector<data::Migration>& migrations,
                            const data::AppliedMigrations& applied) {
  std::vector<std::string> missing;
  for (const auto& migration : migrations)
    if (!applied.contains(migration.revision)) missing.push_back(label(migration));
  if (!missing.empty())
    return {"revisions", Verdict::warn, "pending: " + shortened(std::move(missing)),
            "apply them: auterity migrate up"};
  const int newest = migrations.empty() ? 0 : migrations.back().revision;
  const int highest = applied.empty() ? 0 : applied.rbegin()->first;
  if (highest > newest)
    return {"revisions", Verdict::warn,
            fmt::format("the database is at revision {}, this release knows {}", highest, newest),
            "a newer release has migrated it: use that one"};
  return {"revisions", Verdict::pass, fmt::format("revision {}, nothing is pending", highest), {}};
}

Async<Result<SchemaCheck>> check_drift(data::Session& session) {
  AUTERITY_CO_TRY(kept, co_await data::read_snapshot(session));
  if (!kept)
    co_return SchemaCheck{"drift", Verdict::skipped,
                          "the newest revision was applied before schemas were recorded",
                          "it can be told after the next migration"};
  AUTERITY_CO_TRY(live, co_await data::describe_schema(session));
  std::vector<std::string> lines;
  for (const auto& difference : data::compare_schemas(kept->text, live.text))
    lines.push_back(to_text(difference));
  co_return check_none(
      "drift", std::move(lines), "changes by hand",
      "take the change back, or go on from it: auterity migrate up --accept-drift");
}

// Tables that the recorded schema has: what the platform cannot do without.
std::vector<data::SqlParameter> recorded_tables(const std::string& description) {
  std::vector<data::SqlParameter> tables;
  constexpr std::string_view kTable = "table ";
  for (std::size_t at = 0; at < description.size();) {
    const auto end = std::min(description.find('\n', at), description.size());
    const std::string_view line = std::string_view(description).substr(at, end - at);
    if (line.starts_with(kTable))
      tables.emplace_back(line.substr(kTable.size(), line.find(" => ") - kTable.size()));
    at = end + 1;
  }
  return tables;
}

Async<Result<SchemaCheck>> check_tables(data::Session& session) {
  AUTERITY_CO_TRY(kept, co_await data::read_snapshot(session));
  std::vector<data::SqlParameter> tables{"users", "workflows", "workflow_executions",
                                         "schema_migrations"};
  if (kept) tables = recorded_tables(kept->text);
  AUTERITY_CO_TRY(
      missing, co_await first_column(session, {kMissingTables, {data::to_array_literal(tables)}}));
  SchemaCheck check = check_none("tables", std::move(missing), "missing tables",
                                 "restore them from a restore point or another backup");
  if (check.verdict == Verdict::pass)
    check.evidence = fmt::format("all {} tables are there", tables.size());
  co_return check;
}

Async<Result<Checks>> check_objects(data::Session& session) {
  Checks checks;
  AUTERITY_CO_TRY(invalid, co_await first_column(session, {kInvalidIndexes, {}}));
  checks.push_back(check_none("indexes", std::move(invalid), "invalid indexes",
                              "drop them with DROP INDEX CONCURRENTLY, and apply their migration "
                              "again or build them anew"));
  AUTERITY_CO_TRY(unvalidated, co_await first_column(session, {kUnvalidated, {}}));
  checks.push_back(check_none("constraints", std::move(unvalidated), "NOT VALID constraints",
                              "validate them in a migration: ALTER TABLE … VALIDATE CONSTRAINT",
                              Verdict::warn));
  AUTERITY_CO_TRY(disabled, co_await first_column(session, {kDisabledTriggers, {}}));
  checks.push_back(check_none("triggers", std::move(disabled), "disabled triggers",
                              "enable them: ALTER TABLE … ENABLE TRIGGER"));
  co_return checks;
}

Async<Checks> check_invariants(PlatformInvariants* invariants) {
  if (invariants == nullptr)
    co_return Checks{{"executions", Verdict::skipped, "the engine's store was not asked", {}}};
  auto violations = co_await invariants->check();
  if (!violations)
    co_return Checks{
        {"executions", Verdict::skipped, violations.error().message, violations.error().hint}};
  if (violations->empty())
    co_return Checks{
        {"executions", Verdict::pass, "every open execution has a reason to wake", {}}};
  Checks checks;
  for (auto& violation : *violations)
    checks.push_back({std::move(violation.id), Verdict::fail,
                      fmt::format("{}: {}", violation.evidence, violation.consequence),
                      std::move(violation.mend)});
  co_return checks;
}

Async<Result<Checks>> look(data::Database& database, std::vector<data::Migration> migrations) {
  AUTERITY_CO_TRY(session, co_await database.open_session());
  AUTERITY_CO_TRY(applied, co_await data::read_applied(*session));
  Checks checks{check_revisions(migrations, applied), check_checksums(migrations, applied)};
  if (applied.empty()) co_return checks;
  AUTERITY_CO_TRY(tables, co_await check_tables(*session));
  checks.push_back(std::move(tables));
  AUTERITY_CO_TRY(drift, co_await check_drift(*session));
  checks.push_back(std::move(drift));
  AUTERITY_CO_TRY(objects, co_await check_objects(*session));
  checks.insert(checks.end(), objects.begin(), objects.end());
  co_return checks;
}

}  // namespace

Async<Result<std::vector<SchemaCheck>>> validate_schema(MigrateServices& services,
                                                        const MigrateTarget& target,
                                                        PlatformInvariants* invariants) {
  AUTERITY_CO_TRY(migrations, data::load_migrations(target.migrations));
  AUTERITY_CO_TRY(exists, co_await database_exists(services, target, target.name));
  if (!exists)
    co_return Checks{{"database", Verdict::fail, target.shown + " does not exist",
                      "create it: auterity migrate up"}};
  auto checks = co_await data::with_database(
      open_target(services, target),
      [&](data::Database& database) { return look(database, std::move(migrations)); });
  if (!checks) co_return std::unexpected(std::move(checks).error());
  const bool empty = checks->size() == 2;
  const Checks executions = empty ? Checks{} : co_await check_invariants(invariants);
  checks->insert(checks->end(), executions.begin(), executions.end());
  co_return checks;
}

Verdict worst(const std::vector<SchemaCheck>& checks) {
  Verdict verdict = Verdict::pass;
  for (const SchemaCheck& check : checks)
    if (check.verdict != Verdict::skipped) verdict = std::max(verdict, check.verdict);
  return verdict;
}

JsonObject to_json(const SchemaCheck& check) {
  return {{"id", check.id},
          {"verdict", name_of(check.verdict)},
          {"evidence", check.evidence},
          {"hint", check.hint}};
}

}  // namespace auterity::operations
