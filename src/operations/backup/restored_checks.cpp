#include "operations/backup/restored_checks.h"

#include <fmt/format.h>

#include "operations/migrate/local_target.h"
#include "operations/migrate/table_contents.h"
#include "operations/migrate/validate.h"

namespace auterity::operations::backup {
namespace {

constexpr std::string_view kExecutions = "executions";

Async<Result<RowCounts>> rows_of(MigrateServices& services, const MigrateTarget& target) {
  const auto database = open_target(services, target);
  auto session = co_await database->open_session();
  Result<RowCounts> rows = std::unexpected(session ? Error{} : session.error());
  if (session) {
    const auto unlimited = co_await (*session)->execute_script("SET statement_timeout = 0");
    if (unlimited)
      rows = co_await count_rows(**session);
    else
      rows = std::unexpected(unlimited.error());
    session->reset();
  }
  co_await database->close();
  co_return rows;
}

Async<ProofCheck> check_rows(MigrateServices& services, const MigrateTarget& target,
                             const DatabasePart& part) {
  if (part.rows.empty())
    co_return ProofCheck{"rows", "skipped", "they were not counted when the backup was taken"};
  const auto found = co_await rows_of(services, target);
  if (!found) co_return failed("rows", found.error());
  const std::string difference = describe_difference(part.rows, *found);
  if (!difference.empty()) co_return ProofCheck{"rows", "fail", difference};
  std::int64_t sum = 0;
  for (const auto& [table, count] : *found) sum += count;
  co_return passed(
      "rows", fmt::format("{} rows in {} tables, as at {}", sum, found->size(), part.proof.text()));
}

Async<std::vector<ProofCheck>> check_schema(MigrateServices& services,
                                            const MigrateTarget& target) {
  const auto found = co_await validate_schema(services, target, nullptr);
  std::vector<ProofCheck> checks;
  if (!found) {
    checks.push_back(failed("schema", found.error()));
    co_return checks;
  }
  for (const SchemaCheck& check : *found)
    if (check.id != kExecutions)
      checks.push_back({"schema-" + check.id, std::string(name_of(check.verdict)), check.evidence});
  co_return checks;
}

Async<ProofCheck> check_invariants(NamedInvariants& named) {
  const auto violations = co_await named.invariants->check();
  if (!violations) co_return failed(named.id, violations.error());
  if (violations->empty()) co_return passed(named.id, "everything holds");
  std::string evidence;
  for (const InvariantViolation& violation : *violations)
    evidence +=
        fmt::format("{}{}: {}", evidence.empty() ? "" : "; ", violation.id, violation.evidence);
  co_return ProofCheck{named.id, "fail", evidence};
}

}  // namespace

ProofCheck passed(std::string id, std::string evidence) {
  return {std::move(id), "pass", std::move(evidence)};
}

ProofCheck failed(std::string id, const Error& error) {
  return {std::move(id), "fail", error.message};
}

Async<std::vector<ProofCheck>> check_restored(LocalContext& context, std::string url,
                                              DatabasePart part, MakeInvariants make_invariants) {
  std::vector<ProofCheck> checks;
  auto services = migrate_services(context);
  MigrateTarget target;
  target.environment = context.layout.environment;
  target.url = url;
  target.admin_url = url;
  target.name = part.database;
  target.shown = "the restored copy";
  const auto folder = migrations_folder(context, std::nullopt);
  if (folder) {
    target.migrations = *folder;
    checks = co_await check_schema(services, target);
  } else {
    checks.push_back({"schema", "skipped", folder.error().message});
  }
  checks.push_back(co_await check_rows(services, target, part));
  for (NamedInvariants& named : make_invariants(target))
    checks.push_back(co_await check_invariants(named));
  co_return checks;
}

}  // namespace auterity::operations::backup
