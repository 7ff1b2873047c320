// Applying and reverting migrations on a session of its own, which holds the migrators' advisory
// lock until it closes.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>

#include "data/migrations.h"

namespace auterity::data {
namespace {

constexpr Statement kBegin{"migrations.begin", "BEGIN"};
constexpr Statement kCommit{"migrations.commit", "COMMIT"};
constexpr Statement kRollback{"migrations.rollback", "ROLLBACK"};
// The key is arbitrary; every release must use the same.
constexpr Statement kLock{"migrations.lock", "SELECT pg_advisory_lock(7205759403792793)"};
constexpr Statement kTableExists{"migrations.table_exists",
                                 "SELECT to_regclass('schema_migrations') IS NOT NULL"};
constexpr Statement kApplied{"migrations.applied",
                             "SELECT revision, name, checksum FROM schema_migrations"};
constexpr Statement kHighest{"migrations.highest",
                             "SELECT coalesce(max(revision), 0) FROM schema_migrations"};
constexpr Statement kRecord{
    "migrations.record",
    "INSERT INTO schema_migrations (revision, name, checksum) VALUES ($1, $2, $3)"};
constexpr Statement kForget{"migrations.forget",
                            "DELETE FROM schema_migrations WHERE revision = $1"};

struct AppliedRow {
  std::string name;
  std::string checksum;
};
using AppliedRows = std::map<int, AppliedRow>;

int to_int(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Async<Result<std::unique_ptr<Session>>> lock(Database& database) {
  AUTERITY_CO_TRY(session, co_await database.open_session());
  AUTERITY_CO_CHECK(
      co_await session->execute_script("SET statement_timeout = 0; SET lock_timeout = '30s'"));
  const auto locked = co_await session->query({kLock, {}});
  if (!locked && locked.error().kind == ErrorKind::try_again) {
    co_return fail(ErrorKind::conflict, "another process is migrating this database",
                   "wait until it has ended, then try again");
  }
  if (!locked) co_return std::unexpected(locked.error());
  // A statement that waits for a table lock makes everybody else wait behind it: give up sooner.
  AUTERITY_CO_CHECK(co_await session->execute_script("SET lock_timeout = '5s'"));
  co_return std::move(session);
}

Async<Result<AppliedRows>> read_applied(Session& session) {
  AppliedRows applied;
  AUTERITY_CO_TRY(exists, co_await session.query({kTableExists, {}}));
  if (exists->text(0, 0) != "t") co_return applied;
  AUTERITY_CO_TRY(rows, co_await session.query({kApplied, {}}));
  for (std::size_t row = 0; row < rows->size(); ++row) {
    applied[to_int(rows->text(row, 0))] = {std::string(rows->text(row, 1)),
                                           std::string(rows->text(row, 2))};
  }
  co_return applied;
}

// What was applied must be what the files say.
Status check_unchanged(const std::vector<Migration>& migrations, const AppliedRows& applied) {
  for (const auto& [revision, row] : applied) {
    const auto known = std::ranges::find(migrations, revision, &Migration::revision);
    if (known == migrations.end()) {
      if (migrations.empty() || revision > migrations.back().revision) continue;
      return fail(
          ErrorKind::conflict,
          fmt::format("the database has {:04}_{}, which this release lacks", revision, row.name),
          "use the release that applied it, or a later one");
    }
    if (known->checksum == row.checksum) continue;
    return fail(ErrorKind::conflict,
                fmt::format("{}.up.sql was changed after it had been applied", label(*known)),
                "put the file back as it was, and write the change as a new migration");
  }
  return {};
}

// One migration's statements and its row, together or not at all.
Async<Status> in_transaction(Session& session, std::string script, Query bookkeeping,
                             bool script_first, std::string name) {
  AUTERITY_CO_CHECK(co_await session.query({kBegin, {}}));
  Status outcome;
  if (script_first) outcome = co_await session.execute_script(script);
  if (outcome) {
    const auto recorded = co_await session.query(std::move(bookkeeping));
    if (!recorded) outcome = std::unexpected(recorded.error());
  }
  if (outcome && !script_first) outcome = co_await session.execute_script(script);
  if (outcome) {
    const auto committed = co_await session.query({kCommit, {}});
    if (!committed) outcome = std::unexpected(committed.error());
  } else {
    co_await session.query({kRollback, {}});
  }
  if (!outcome) co_return std::unexpected(std::move(outcome).error().within("migration " + name));
  co_return outcome;
}

Async<Status> apply(Session& session, const Migration& migration) {
  Query record{kRecord, {std::to_string(migration.revision), migration.name, migration.checksum}};
  // The script first: the first migration makes the table that its row goes into.
  return in_transaction(session, migration.up, std::move(record), true, label(migration));
}

Async<Status> revert(Session& session, const Migration& migration) {
  return in_transaction(session, migration.down, {kForget, {std::to_string(migration.revision)}},
                        false, label(migration));
}

// What stands above `to_revision`, newest first, all of it reversible.
Result<std::vector<Migration>> plan_down(const std::vector<Migration>& migrations,
                                         const AppliedRows& applied, int to_revision) {
  std::vector<Migration> plan;
  for (auto row = applied.rbegin(); row != applied.rend() && row->first > to_revision; ++row) {
    const auto known = std::ranges::find(migrations, row->first, &Migration::revision);
    if (known != migrations.end() && !known->down.empty()) {
      plan.push_back(*known);
      continue;
    }
    return fail(ErrorKind::conflict,
                fmt::format("{:04}_{} cannot be reverted: it has no down file here", row->first,
                            row->second.name),
                "restore a backup instead, or use the release that holds the file");
  }
  return plan;
}

}  // namespace

Async<Result<int>> applied_revision(Database& database) {
  AUTERITY_CO_TRY(exists, co_await database.read({kTableExists, {}}));
  if (exists->text(0, 0) != "t") co_return 0;
  AUTERITY_CO_TRY(highest, co_await database.read({kHighest, {}}));
  co_return to_int(highest->text(0, 0));
}

Async<Result<std::vector<int>>> migrate_up(Database& database, std::vector<Migration> migrations) {
  AUTERITY_CO_TRY(session, co_await lock(database));
  AUTERITY_CO_TRY(applied, co_await read_applied(*session));
  AUTERITY_CO_CHECK(check_unchanged(migrations, applied));
  std::vector<int> done;
  for (const auto& migration : migrations) {
    if (applied.contains(migration.revision)) continue;
    AUTERITY_CO_CHECK(co_await apply(*session, migration));
    done.push_back(migration.revision);
  }
  co_return done;
}

Async<Result<std::vector<int>>> migrate_down(Database& database, std::vector<Migration> migrations,
                                             int to_revision) {
  AUTERITY_CO_TRY(session, co_await lock(database));
  AUTERITY_CO_TRY(applied, co_await read_applied(*session));
  AUTERITY_CO_CHECK(check_unchanged(migrations, applied));
  AUTERITY_CO_TRY(plan, plan_down(migrations, applied, to_revision));
  std::vector<int> done;
  for (const auto& migration : plan) {
    AUTERITY_CO_CHECK(co_await revert(*session, migration));
    done.push_back(migration.revision);
  }
  co_return done;
}

}  // namespace auterity::data
