// All of a folder's migrations, up or down, by one migrator.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "data/migrations/migrator.h"

namespace auterity::data {
namespace {

constexpr Statement kTableExists{"migrations.table_exists",
                                 "SELECT to_regclass('schema_migrations') IS NOT NULL"};
constexpr Statement kHighest{"migrations.highest",
                             "SELECT coalesce(max(revision), 0) FROM schema_migrations"};

// What stands above `to_revision`, newest first, all of it reversible.
Result<std::vector<Migration>> plan_down(const std::vector<Migration>& migrations,
                                         const AppliedMigrations& applied, int to_revision) {
  std::vector<Migration> plan;
  for (auto row = applied.rbegin(); row != applied.rend() && row->first > to_revision; ++row) {
    const auto known = std::ranges::find(migrations, row->first, &Migration::revision);
    if (known != migrations.end() && !known->down.empty()) {
      plan.push_back(*known);
      continue;
    }
    const bool declared = known != migrations.end() && !known->irreversible_reason.empty();
    return fail(ErrorKind::conflict,
                fmt::format("{} cannot be reverted: {}", label(row->second),
                            declared ? known->irreversible_reason : "it has no down file here"),
                "restore a backup instead, or use the release that holds the file");
  }
  return plan;
}

}  // namespace

Async<Result<int>> applied_revision(Database& database) {
  AUTERITY_CO_TRY(exists, co_await database.read({kTableExists, {}}));
  if (exists->text(0, 0) != "t") co_return 0;
  AUTERITY_CO_TRY(highest, co_await database.read({kHighest, {}}));
  int revision = 0;
  const auto text = highest->text(0, 0);
  std::from_chars(text.data(), text.data() + text.size(), revision);
  co_return revision;
}

Async<Result<std::vector<int>>> migrate_up(Database& database, Clock& clock,
                                           std::vector<Migration> migrations,
                                           MigratorOptions options) {
  AUTERITY_CO_TRY(migrator, co_await Migrator::open(database, clock, std::move(options)));
  AUTERITY_CO_TRY(applied, co_await read_applied(migrator->session()));
  AUTERITY_CO_CHECK(check_unchanged(migrations, applied));
  std::vector<int> done;
  for (const auto& migration : migrations) {
    if (applied.contains(migration.revision)) continue;
    AUTERITY_CO_CHECK(co_await migrator->apply(migration));
    done.push_back(migration.revision);
  }
  co_return done;
}

Async<Result<std::vector<int>>> migrate_down(Database& database, Clock& clock,
                                             std::vector<Migration> migrations, int to_revision,
                                             MigratorOptions options) {
  AUTERITY_CO_TRY(migrator, co_await Migrator::open(database, clock, std::move(options)));
  AUTERITY_CO_TRY(applied, co_await read_applied(migrator->session()));
  AUTERITY_CO_CHECK(check_unchanged(migrations, applied));
  AUTERITY_CO_TRY(plan, plan_down(migrations, applied, to_revision));
  std::vector<int> done;
  for (const auto& migration : plan) {
    AUTERITY_CO_CHECK(co_await migrator->revert(migration));
    done.push_back(migration.revision);
  }
  co_return done;
}

}  // namespace auterity::data
