#include "data/migrations/applied.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace auterity::data {
namespace {

constexpr Statement kTables{"migrations.tables",
                            "SELECT to_regclass('schema_migrations') IS NOT NULL, "
                            "to_regclass('schema_snapshots') IS NOT NULL, "
                            "EXISTS (SELECT FROM pg_attribute WHERE attname = 'applied_at' "
                            "AND attrelid = to_regclass('schema_migrations'))"};
constexpr Statement kApplied{"migrations.applied",
                             "SELECT revision, name, checksum, '', '' FROM schema_migrations"};
constexpr Statement kAppliedWhen{
    "migrations.applied_when",
    "SELECT revision, name, checksum, "
    "to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), '' "
    "FROM schema_migrations"};
constexpr Statement kAppliedBy{
    "migrations.applied_by",
    "SELECT revision, name, checksum, "
    "to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), "
    "coalesce(applied_by, '') "
    "FROM schema_migrations LEFT JOIN schema_snapshots USING (revision)"};
constexpr Statement kSnapshot{"migrations.snapshot",
                              "SELECT description, fingerprint FROM schema_snapshots "
                              "WHERE revision = (SELECT max(revision) FROM schema_migrations)"};

int to_int(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::string label(const AppliedMigration& applied) {
  return fmt::format("{:04}_{}", applied.revision, applied.name);
}

Async<Result<AppliedMigrations>> read_applied(Session& session) {
  AppliedMigrations applied;
  AUTERITY_CO_TRY(tables, co_await session.query({kTables, {}}));
  if (tables->text(0, 0) != "t") co_return applied;
  const bool with_snapshots = tables->text(0, 1) == "t";
  const bool with_time = tables->text(0, 2) == "t";
  const Statement statement = with_snapshots && with_time ? kAppliedBy
                              : with_time                 ? kAppliedWhen
                                                          : kApplied;
  AUTERITY_CO_TRY(rows, co_await session.query({statement, {}}));
  for (std::size_t row = 0; row < rows->size(); ++row) {
    const int revision = to_int(rows->text(row, 0));
    applied[revision] = {revision, std::string(rows->text(row, 1)), std::string(rows->text(row, 2)),
                         std::string(rows->text(row, 3)), std::string(rows->text(row, 4))};
  }
  co_return applied;
}

Async<Result<std::optional<SchemaDescription>>> read_snapshot(Session& session) {
  AUTERITY_CO_TRY(tables, co_await session.query({kTables, {}}));
  if (tables->text(0, 0) != "t" || tables->text(0, 1) != "t") co_return std::nullopt;
  AUTERITY_CO_TRY(rows, co_await session.query({kSnapshot, {}}));
  if (rows->size() == 0) co_return std::nullopt;
  co_return SchemaDescription{std::string(rows->text(0, 0)), std::string(rows->text(0, 1))};
}

AppliedProblem judge(const std::vector<Migration>& migrations, const AppliedMigration& applied) {
  const auto known = std::ranges::find(migrations, applied.revision, &Migration::revision);
  if (known == migrations.end())
    return migrations.empty() || applied.revision > migrations.back().revision
               ? AppliedProblem::newer
               : AppliedProblem::unknown;
  return known->checksum == applied.checksum ? AppliedProblem::none : AppliedProblem::changed;
}

Status check_unchanged(const std::vector<Migration>& migrations, const AppliedMigrations& applied) {
  for (const auto& [revision, row] : applied) {
    const AppliedProblem problem = judge(migrations, row);
    if (problem == AppliedProblem::unknown)
      return fail(ErrorKind::conflict,
                  fmt::format("the database has {}, which this release lacks", label(row)),
                  "use the release that applied it, or a later one");
    if (problem == AppliedProblem::changed)
      return fail(ErrorKind::conflict,
                  fmt::format("{}.up.sql was changed after it had been applied", label(row)),
                  "put the file back as it was, and write the change as a new migration");
  }
  return {};
}

}  // namespace auterity::data
