// Golden plans of migrate up and down.
#include "operations/migrate/plan.h"

#include <gtest/gtest.h>

namespace auterity::operations {
namespace {

data::Migration make(int revision, std::string name, std::string up, std::string down) {
  return {revision,
          std::move(name),
          std::move(up),
          std::move(down),
          {},
          "sum" + std::to_string(revision)};
}

std::vector<data::Migration> files() {
  return {make(1, "schema_migrations", "CREATE TABLE schema_migrations (revision int)",
               "DROP TABLE schema_migrations"),
          make(2, "colours",
               "-- why\nALTER TABLE users ADD COLUMN colour text;\n"
               "CREATE TABLE colours (name text PRIMARY KEY, owner uuid REFERENCES users);\n"
               "CREATE INDEX colours_owner ON colours (owner);",
               "DROP TABLE colours; ALTER TABLE users DROP COLUMN colour"),
          make(3, "index", "CREATE INDEX CONCURRENTLY users_colour ON users (colour)",
               "DROP INDEX CONCURRENTLY users_colour"),
          make(4, "fill",
               "-- auterity: backfill table=users batch=500\n"
               "UPDATE users SET colour = '' WHERE id IN "
               "(SELECT id FROM users WHERE colour IS NULL LIMIT $1)",
               "")};
}

ObservedSchema at(int revision) {
  ObservedSchema observed;
  for (const auto& file : files())
    if (file.revision <= revision)
      observed.applied[file.revision] = {file.revision, file.name, file.checksum, "", ""};
  return observed;
}

TEST(MigratePlan, UpShowsEveryLock) {
  const auto plan =
      plan_migrate("staging", {.to = {}, .restore_point = "at-0001-T"}, files(), at(1));
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(
      to_text(*plan),
      "plan: migrate-up of environment staging\n"
      "   1. restore-point  dump the database, restore the dump beside it and compare: at-0001-T "
      "(stays on undo)\n"
      "   2. 0002_colours   apply in one transaction (stays on undo)\n"
      "   3. 0003_index     apply concurrently, outside a transaction (stays on undo)\n"
      "   4. 0004_fill      apply in batches (stays on undo)\n"
      "\n0002_colours (in one transaction)\n"
      "  line 2: ALTER TABLE users ADD COLUMN colour text\n"
      "    ACCESS EXCLUSIVE on users: blocks reads and writes\n"
      "    short\n"
      "  line 3: CREATE TABLE colours (name text PRIMARY KEY, owner uuid REFERENCES users)\n"
      "    SHARE ROW EXCLUSIVE on users: blocks writes\n"
      "    short\n"
      "  line 4: CREATE INDEX colours_owner ON colours (owner)\n"
      "    short\n"
      "\n0003_index (concurrently, outside a transaction)\n"
      "  line 1: CREATE INDEX CONCURRENTLY users_colour ON users (colour)\n"
      "    SHARE UPDATE EXCLUSIVE on users: blocks no reads or writes\n"
      "    builds an index\n"
      "\n0004_fill (in batches)\n"
      "  line 2: UPDATE users SET colour = '' WHERE id IN (SELECT id FROM users WHERE colour IS "
      "NULL "
      "LIMIT…\n"
      "    ROW EXCLUSIVE on users: blocks no reads or writes\n"
      "    in batches, as long as there are rows\n");
}

TEST(MigratePlan, AMissingDatabaseIsCreatedWithoutARestorePoint) {
  ObservedSchema nothing;
  nothing.database_exists = false;
  const auto plan = plan_migrate("staging", {.to = 1, .restore_point = "x"}, files(), nothing);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(to_text(plan->plan),
            "plan: migrate-up of environment staging\n"
            "   1. create-database         create the database (stays on undo)\n"
            "   2. 0001_schema_migrations  apply in one transaction (stays on undo)\n");
}

TEST(MigratePlan, DownIsProvenFirstAndCannotBeTakenBack) {
  const auto plan =
      plan_migrate("staging", {.direction = MigrateDirection::down, .to = 1, .restore_point = "p"},
                   files(), at(3));
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(to_text(plan->plan),
            "plan: migrate-down of environment staging\n"
            "   1. restore-point   dump the database, restore the dump beside it and compare: p "
            "(stays on undo)\n"
            "   2. prove-way-back  go down, up and down again on a copy\n"
            "   3. 0003_index      revert concurrently, outside a transaction (cannot be undone)\n"
            "   4. 0002_colours    revert in one transaction (cannot be undone)\n");
}

std::string refusal(MigrateRequest request, const ObservedSchema& observed,
                    std::vector<data::Migration> from = files()) {
  const auto plan = plan_migrate("staging", request, from, observed);
  return plan ? "" : plan.error().message;
}

TEST(MigratePlan, RefusesWhatCannotEndWell) {
  EXPECT_EQ(refusal({.direction = MigrateDirection::down, .to = 1, .restore_point = {}}, at(4)),
            "0004_fill cannot be reverted: it has no down file here");
  auto declared = files();
  declared[3].irreversible_reason = "the old colours are gone";
  EXPECT_EQ(
      refusal({.direction = MigrateDirection::down, .to = 1, .restore_point = {}}, at(4), declared),
      "0004_fill cannot be reverted: the old colours are gone");
  EXPECT_EQ(refusal({.to = 9, .restore_point = {}}, at(1)),
            "there is no revision 9: they go from 0 to 4");
  auto changed = at(2);
  changed.applied[2].checksum = "other";
  EXPECT_EQ(refusal({.to = {}, .restore_point = {}}, changed),
            "0002_colours.up.sql was changed after it had been applied");
  auto drifted = at(2);
  drifted.drift.push_back(
      {data::SchemaDifference::Kind::missing, "index public.i", "CREATE INDEX i", ""});
  EXPECT_EQ(refusal({.to = {}, .restore_point = {}}, drifted),
            "the schema was changed by hand: index public.i is missing; it was: CREATE INDEX i");
  EXPECT_EQ(refusal({.to = {}, .accept_drift = true, .restore_point = {}}, drifted), "");
}

TEST(MigratePlan, LocksSayHowLargeTheTableIsWhenThatIsKnown) {
  ObservedSchema observed = at(1);
  observed.sizes = lint::TableSizes{{"users", 120000}};
  const auto plan = plan_migrate("staging", {.to = 2, .restore_point = "x"}, files(), observed);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->revision, 1);
  EXPECT_EQ(lines_of(plan->migrations.front()).at(2),
            "    ACCESS EXCLUSIVE on users (about 120000 rows): blocks reads and writes");
}

TEST(MigratePlan, OfADeployLeavesNoDriftToAccept) {
  auto drifted = at(2);
  drifted.drift.push_back(
      {data::SchemaDifference::Kind::missing, "index public.i", "CREATE INDEX i", ""});
  const auto plan = plan_migrate("staging", {.release = "1.3.0"}, files(), drifted);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().hint,
            "see everything with: auterity migrate validate; take the change back, or make it by a "
            "migration of the release");
}

TEST(MigratePlan, NothingToDoHasNoSteps) {
  const auto plan = plan_migrate("staging", {.to = {}, .restore_point = "x"}, files(), at(4));
  ASSERT_TRUE(plan);
  EXPECT_EQ(to_text(*plan), "plan: migrate-up of environment staging\n  nothing to do\n");
}

}  // namespace
}  // namespace auterity::operations
