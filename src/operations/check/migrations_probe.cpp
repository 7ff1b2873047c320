// What the release's migrations would do to the live database: the plan of `migrate up`, what the
// linter says about it, and how they do on a copy.
#include <fmt/format.h>

#include "operations/check/probes.h"
#include "operations/migrate/local_target.h"
#include "operations/migrate/operation.h"
#include "operations/migrate/rehearsal.h"

namespace auterity::operations::check {

Result<MigrateTarget> migrate_target_of(const Subject& subject, const std::string& version) {
  const std::string url = variable_or(subject, "DATABASE_URL", "");
  const auto folder = subject.context.layout.releases() / version / "migrations";
  return local_migrate_target(subject.context, url.empty() ? std::nullopt : std::optional(url),
                              folder.string());
}

Async<Result<MigrationsFacts>> ask_migrations(const Subject& subject) {
  AUTERITY_CO_TRY(version, wanted_release(subject));
  AUTERITY_CO_TRY(target, migrate_target_of(subject, version));
  AUTERITY_CO_TRY(migrations, data::load_migrations(target.migrations));
  MigrateServices services = migrate_services(subject.context);
  AUTERITY_CO_TRY(observed, co_await observe_schema(services, target));
  AUTERITY_CO_TRY(planned, plan_migrate(target.environment, {}, migrations, observed));
  MigrationsFacts facts;
  for (const PlannedMigration& migration : planned.migrations) {
    facts.pending.push_back(migration.name);
    for (const lint::Finding& finding : migration.findings)
      if (facts.lint_findings++ == 0)
        facts.first_finding =
            fmt::format("{}:{}: {}, {}", finding.file, finding.line, finding.rule, finding.what);
  }
  if (!facts.pending.empty())
    facts.rehearsal = co_await rehearse_migrations(services, target, migrations, observed);
  co_return facts;
}

}  // namespace auterity::operations::check
