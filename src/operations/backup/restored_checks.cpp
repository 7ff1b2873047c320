#include "operations/backup/restored_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/finally.h"
#include "operations/backup/files_proof.h"
#include "operations/migrate/local_target.h"
#include "operations/migrate/table_contents.h"
#include "operations/migrate/validate.h"

namespace auterity::operations::backup {
namespace {

constexpr std::string_view kExecutions = "executions";

Async<Result<RowCounts>> count_all(data::Database& database) {
  AUTERITY_CO_TRY(session, co_await database.open_session());
  AUTERITY_CO_CHECK(co_await session->execute_script("SET statement_timeout = 0"));
  co_return co_await count_rows(*session);
}

Async<Result<RowCounts>> rows_of(MigrateServices& services, const MigrateTarget& target) {
  const auto database = open_target(services, target);
  co_return co_await finally(count_all(*database), database->close());
}

Async<Result<ProofCheck>> check_rows(MigrateServices& services, const MigrateTarget& target,
                                     const DatabasePart& part) {
  if (part.rows.empty())
    co_return ProofCheck{"rows", "skipped", "they were not counted when the backup was taken"};
  AUTERITY_CO_TRY(found, co_await rows_of(services, target));
  const std::string difference = describe_difference(part.rows, found);
  if (!difference.empty()) co_return ProofCheck{"rows", "fail", difference};
  std::int64_t sum = 0;
  for (const auto& [table, count] : found) sum += count;
  const std::string moment =
      part.proof == data::Lsn() ? "when the dump was taken" : "at " + part.proof.text();
  co_return passed("rows", fmt::format("{} rows in {} tables, as {}", sum, found.size(), moment));
}

// What was changed by hand in the database is in its backup as well, and does not speak against
// that; it is told.
Verdict verdict_of_copy(const SchemaCheck& check) {
  constexpr std::array<std::string_view, 4> kOfTheOriginal{"drift", "indexes", "constraints",
                                                           "triggers"};
  const bool original = std::ranges::find(kOfTheOriginal, check.id) != kOfTheOriginal.end();
  return original && check.verdict == Verdict::fail ? Verdict::warn : check.verdict;
}

Async<Result<std::vector<ProofCheck>>> check_schema(MigrateServices& services,
                                                    const MigrateTarget& target) {
  AUTERITY_CO_TRY(found, co_await validate_schema(services, target, nullptr));
  std::vector<ProofCheck> checks;
  for (const SchemaCheck& check : found)
    if (check.id != kExecutions)
      checks.push_back(
          {"schema-" + check.id, std::string(name_of(verdict_of_copy(check))), check.evidence});
  co_return checks;
}

Async<Result<ProofCheck>> check_invariants(NamedInvariants& named) {
  AUTERITY_CO_TRY(violations, co_await named.invariants->check());
  if (violations.empty()) co_return passed(named.id, "everything holds");
  std::string evidence;
  for (const InvariantViolation& violation : violations)
    evidence +=
        fmt::format("{}{}: {}", evidence.empty() ? "" : "; ", violation.id, violation.evidence);
  co_return ProofCheck{named.id, "fail", evidence};
}

// The copy ran and gave no answer: that is this machine's, whatever kind the question's error has.
void note_unanswered(RestoredChecks& restored, std::string_view question, Error error) {
  if (restored.unanswered) return;
  if (error.kind != ErrorKind::storage_full) error.kind = ErrorKind::unavailable;
  if (error.hint.empty()) error.hint = "verify the backup again: auterity backup verify";
  restored.unanswered = std::move(error).within(fmt::format("asking for {}", question));
}

void take(RestoredChecks& restored, std::string_view question, Result<ProofCheck> check) {
  if (check)
    restored.checks.push_back(std::move(*check));
  else
    note_unanswered(restored, question, std::move(check).error());
}

}  // namespace

ProofCheck passed(std::string id, std::string evidence) {
  return {std::move(id), "pass", std::move(evidence)};
}

ProofCheck failed(std::string id, const Error& error) {
  return {std::move(id), "fail", error.message};
}

Async<RestoredChecks> check_restored(LocalContext& context, BackupStorage& storage, std::string url,
                                     BackupManifest manifest, MakeInvariants make_invariants) {
  RestoredChecks restored;
  const DatabasePart& part = *manifest.database;
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
    auto schema = co_await check_schema(services, target);
    if (schema)
      restored.checks = std::move(*schema);
    else
      note_unanswered(restored, "the schema", std::move(schema).error());
  } else {
    restored.checks.push_back({"schema", "skipped", folder.error().message});
  }
  take(restored, "the rows", co_await check_rows(services, target, part));
  if (manifest.data)
    take(restored, "the files",
         co_await check_references(services, target, storage, *manifest.data));
  for (NamedInvariants& named : make_invariants(target))
    take(restored, named.id, co_await check_invariants(named));
  co_return restored;
}

}  // namespace auterity::operations::backup
