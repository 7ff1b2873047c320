#include "operations/check/migrations_checks.h"

#include <fmt/format.h>

#include "operations/migrate/local_target.h"
#include "operations/migrate/operation.h"
#include "operations/migrate/plan.h"

namespace auterity::operations::check {
namespace {

Async<Result<MigratePlan>> plan(const Subject& subject, std::string version) {
  std::optional<std::string> url;
  if (const auto given = subject.variables.find("DATABASE_URL");
      given != subject.variables.end() && !given->second.empty())
    url = given->second;
  const auto folder = subject.context.layout.releases() / version / "migrations";
  AUTERITY_CO_TRY(target, local_migrate_target(subject.context, url, folder.string()));
  AUTERITY_CO_TRY(migrations, data::load_migrations(target.migrations));
  MigrateServices services = migrate_services(subject.context);
  AUTERITY_CO_TRY(observed, co_await observe_schema(services, target));
  co_return plan_migrate(subject.context.layout.environment, {}, migrations, observed);
}

// Whatever kept the plan from being made: a refusal is the planner's verdict, anything else says
// that the database or the files could not be asked.
std::vector<Finding> not_planned(const Error& error) {
  const bool refused = error.kind == ErrorKind::conflict || error.kind == ErrorKind::invalid_input;
  return {{"migrations-planned",
           {refused ? Verdict::fail : Verdict::skipped,
            refused ? error.message
                    : "the plan could not be made: " + std::string(facts(error.kind).title),
            refused ? error.hint : "see database-reachable and release"}},
          {"migrations-linted",
           {Verdict::skipped, "there is no plan to lint", "mend migrations-planned first"}}};
}

Judgement judge_lint(const std::vector<PlannedMigration>& pending) {
  std::size_t count = 0;
  std::string first;
  for (const PlannedMigration& migration : pending)
    for (const lint::Finding& finding : migration.findings)
      if (++count == 1)
        first =
            fmt::format("{}:{}: {}, {}", finding.file, finding.line, finding.rule, finding.what);
  if (count == 0)
    return {Verdict::pass, fmt::format("{} pending migrations, no finding", pending.size()), ""};
  return {Verdict::fail, fmt::format("{} findings, the first: {}", count, first),
          "see all of them: auterity migrate lint"};
}

}  // namespace

Async<std::vector<Finding>> look_at_migrations(const Subject& subject, std::string version) {
  const auto planned = co_await plan(subject, std::move(version));
  if (!planned) co_return not_planned(planned.error());
  std::string names;
  for (const PlannedMigration& migration : planned->migrations)
    names += (names.empty() ? ": " : ", ") + migration.name;
  co_return std::vector<Finding>{
      {"migrations-planned",
       {Verdict::pass, fmt::format("{} pending{}", planned->migrations.size(), names), ""}},
      {"migrations-linted", judge_lint(planned->migrations)}};
}

}  // namespace auterity::operations::check
