#include "operations/migrate/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <sstream>

#include "operations/migrate/lint/linter.h"
#include "operations/migrate/planned_statements.h"

namespace auterity::operations {
namespace {

using data::Migration;

Status check_drift(const MigrateRequest& request, const ObservedSchema& observed) {
  if (observed.drift.empty() || request.accept_drift) return {};
  return fail(
      ErrorKind::conflict,
      fmt::format(
          "the schema was changed by hand: {}{}", to_text(observed.drift.front()),
          observed.drift.size() > 1 ? fmt::format(", and {} more", observed.drift.size() - 1) : ""),
      fmt::format("see everything with: auterity migrate validate; take the change back, or {}",
                  request.release.empty() ? "go on from it with --accept-drift"
                                          : "make it by a migration of the release"));
}

Status check_revision(int revision, const std::vector<Migration>& migrations) {
  const int newest = migrations.empty() ? 0 : migrations.back().revision;
  if (revision >= 0 && revision <= newest) return {};
  return fail(ErrorKind::invalid_input,
              fmt::format("there is no revision {}: they go from 0 to {}", revision, newest),
              "see them with: auterity migrate status");
}

// In the order in which they are to be applied.
std::vector<Migration> choose_up(int to, const std::vector<Migration>& migrations,
                                 const ObservedSchema& observed) {
  std::vector<Migration> chosen;
  for (const Migration& migration : migrations)
    if (migration.revision <= to && !observed.applied.contains(migration.revision))
      chosen.push_back(migration);
  return chosen;
}

// In the order in which they are to be reverted.
Result<std::vector<Migration>> choose_down(int to, const std::vector<Migration>& migrations,
                                           const ObservedSchema& observed) {
  std::vector<Migration> chosen;
  for (auto row = observed.applied.rbegin(); row != observed.applied.rend() && row->first > to;
       ++row) {
    const auto known = std::ranges::find(migrations, row->first, &Migration::revision);
    if (known != migrations.end() && !known->down.empty()) {
      chosen.push_back(*known);
      continue;
    }
    const bool declared = known != migrations.end() && !known->irreversible_reason.empty();
    return fail(ErrorKind::conflict,
                fmt::format("{} cannot be reverted: {}", label(row->second),
                            declared ? known->irreversible_reason : "it has no down file here"),
                "write a new migration that goes on from here; what was lost is in a backup");
  }
  return chosen;
}

void add_steps(MigratePlan& planned, const MigrateRequest& request, const ObservedSchema& observed,
               const std::vector<Migration>& chosen) {
  const bool up = request.direction == MigrateDirection::up;
  auto& steps = planned.plan.steps;
  if (!observed.database_exists)
    steps.push_back({std::string(kCreateDatabaseStep), "create the database", UndoPolicy::keep});
  // In an empty database there is nothing to come back to.
  if (!chosen.empty() && !observed.applied.empty())
    steps.push_back(
        {std::string(kRestorePointStep),
         "dump the database, restore the dump beside it and compare: " + request.restore_point,
         UndoPolicy::keep});
  if (!up && !chosen.empty())
    steps.push_back(
        {std::string(kProofStep), "go down, up and down again on a copy", UndoPolicy::keep, false});
  for (std::size_t index = 0; index < chosen.size(); ++index)
    steps.push_back({planned.migrations[index].name,
                     fmt::format("{} {}", up ? "apply" : "revert", planned.migrations[index].how),
                     up ? UndoPolicy::keep : UndoPolicy::refuse});
}

}  // namespace

Result<MigratePlan> plan_migrate(const std::string& environment, const MigrateRequest& request,
                                 const std::vector<Migration>& migrations,
                                 const ObservedSchema& observed) {
  const bool up = request.direction == MigrateDirection::up;
  AUTERITY_CHECK(data::check_unchanged(migrations, observed.applied));
  AUTERITY_CHECK(check_drift(request, observed));
  const int to = request.to.value_or(migrations.empty() ? 0 : migrations.back().revision);
  AUTERITY_CHECK(check_revision(to, migrations));
  std::vector<Migration> chosen = choose_up(to, migrations, observed);
  if (!up) {
    AUTERITY_TRY(down, choose_down(to, migrations, observed));
    chosen = std::move(down);
  }
  MigratePlan planned;
  planned.revision = observed.applied.empty() ? 0 : observed.applied.rbegin()->first;
  planned.plan.operation = up ? "migrate-up" : "migrate-down";
  planned.plan.environment = environment;
  for (const Migration& migration : chosen) {
    AUTERITY_TRY(described, describe_migration(migration, request.direction, observed.sizes));
    planned.migrations.push_back(std::move(described));
  }
  add_steps(planned, request, observed, chosen);
  return planned;
}

std::vector<std::string> lines_of(const PlannedMigration& migration) {
  std::vector<std::string> lines{fmt::format("{} ({})", migration.name, migration.how)};
  for (const PlannedStatement& statement : migration.statements) {
    lines.push_back(fmt::format("  line {}: {}", statement.line, statement.summary));
    for (const std::string& lock : statement.locks) lines.push_back("    " + lock);
    lines.push_back("    " + statement.duration);
  }
  for (const lint::Finding& finding : migration.findings) {
    std::istringstream text(lint::to_text(finding));
    std::string_view mark = "  warning: ";
    for (std::string line; std::getline(text, line); mark = "")
      lines.push_back(std::string(mark) + line);
  }
  return lines;
}

std::string to_text(const MigratePlan& planned) {
  std::string text = to_text(planned.plan);
  for (const PlannedMigration& migration : planned.migrations)
    text += fmt::format("\n{}\n", fmt::join(lines_of(migration), "\n"));
  return text;
}

JsonObject to_json(const PlannedMigration& migration) {
  JsonArray statements;
  for (const PlannedStatement& statement : migration.statements)
    statements.push_back(
        JsonObject{{"line", statement.line},
                   {"statement", statement.summary},
                   {"locks", JsonArray(statement.locks.begin(), statement.locks.end())},
                   {"duration", statement.duration}});
  JsonArray findings;
  for (const lint::Finding& finding : migration.findings)
    findings.push_back(lint::to_json(finding));
  return {{"name", migration.name},
          {"how", migration.how},
          {"statements", std::move(statements)},
          {"findings", std::move(findings)}};
}

JsonObject to_json(const MigratePlan& planned) {
  JsonArray migrations;
  for (const PlannedMigration& migration : planned.migrations)
    migrations.push_back(to_json(migration));
  JsonObject document = to_json(planned.plan);
  document["migrations"] = std::move(migrations);
  return document;
}

}  // namespace auterity::operations
