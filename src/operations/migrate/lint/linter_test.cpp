// One golden case a rule: what it says and where, and what it stays quiet about.
#include "operations/migrate/lint/linter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "harness/source_folder.h"
#include "operations/migrate/lint/rules.h"

namespace auterity::operations::lint {
namespace {

struct Case {
  std::string_view rule;
  std::string_view bad;
  std::string_view good;  // the mend, or something near that is harmless
};

constexpr Case kCases[] = {
    {"column-with-volatile-default", "ALTER TABLE a ADD COLUMN b uuid DEFAULT gen_random_uuid()",
     "ALTER TABLE a ADD COLUMN b timestamptz DEFAULT now()"},
    {"column-generated-stored", "ALTER TABLE a ADD COLUMN b int GENERATED ALWAYS AS (c * 2) STORED",
     "ALTER TABLE a ADD COLUMN b int"},
    {"column-not-null-without-default", "ALTER TABLE a ADD COLUMN b int NOT NULL",
     "ALTER TABLE a ADD COLUMN b int NOT NULL DEFAULT 0"},
    {"column-type-changed", "ALTER TABLE a ALTER COLUMN b TYPE bigint",
     "ALTER TABLE a ALTER COLUMN b SET DEFAULT 1"},
    {"not-null-without-validated-check", "ALTER TABLE a ALTER COLUMN b SET NOT NULL",
     "ALTER TABLE a ADD CONSTRAINT c CHECK (b IS NOT NULL) NOT VALID"},
    {"foreign-key-not-not-valid", "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c (id)",
     "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c (id) NOT VALID"},
    {"check-not-not-valid", "ALTER TABLE a ADD CONSTRAINT c CHECK (b > 0)",
     "ALTER TABLE a ADD CONSTRAINT c CHECK (b > 0) NOT VALID"},
    {"unique-without-index", "ALTER TABLE a ADD CONSTRAINT c UNIQUE (b)",
     "ALTER TABLE a ADD CONSTRAINT c UNIQUE USING INDEX i"},
    {"exclusion-constraint", "ALTER TABLE a ADD CONSTRAINT c EXCLUDE USING gist (b WITH &&)",
     "CREATE TABLE n (b int4range, EXCLUDE USING gist (b WITH &&))"},
    {"validation-beside-blocking",
     "ALTER TABLE a ADD COLUMN b int; ALTER TABLE a VALIDATE CONSTRAINT c",
     "ALTER TABLE a VALIDATE CONSTRAINT c"},
    {"cascade-from-existing-table", "CREATE TABLE n (b int REFERENCES a ON DELETE CASCADE)",
     "CREATE TABLE n (b int REFERENCES a)"},
    {"index-not-concurrent", "CREATE INDEX i ON a (b)", "CREATE INDEX CONCURRENTLY i ON a (b)"},
    {"index-if-not-exists", "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON a (b)",
     "CREATE UNIQUE INDEX CONCURRENTLY i ON a (b)"},
    {"drop-index-not-concurrent", "DROP INDEX i", "DROP INDEX CONCURRENTLY i"},
    {"reindex-not-concurrent", "REINDEX TABLE a", "REINDEX TABLE CONCURRENTLY a"},
    {"serial-column", "CREATE TABLE n (id bigserial)",
     "CREATE TABLE n (id bigint GENERATED ALWAYS AS IDENTITY)"},
    {"char-column", "CREATE TABLE n (b char(3))", "CREATE TABLE n (b text)"},
    {"varchar-column", "ALTER TABLE a ADD COLUMN b varchar(3)",
     "ALTER TABLE a ADD COLUMN b varchar"},
    {"timestamp-without-time-zone", "CREATE TABLE n (b timestamp)",
     "CREATE TABLE n (b timestamptz)"},
    {"time-with-time-zone", "CREATE TABLE n (b timetz)", "CREATE TABLE n (b time)"},
    {"json-column", "CREATE TABLE n (b json)", "CREATE TABLE n (b jsonb)"},
    {"money-column", "CREATE TABLE n (b money)", "CREATE TABLE n (b numeric)"},
    {"enum-value-added", "ALTER TYPE t ADD VALUE 'x'",
     "CREATE TYPE t AS ENUM ('w'); ALTER TYPE t ADD VALUE 'x'"},
    {"enum-value-renamed", "ALTER TYPE t RENAME VALUE 'x' TO 'y'",
     "CREATE TYPE t AS ENUM ('x'); ALTER TYPE t RENAME VALUE 'x' TO 'y'"},
    {"table-dropped", "DROP TABLE a", "CREATE TABLE n (); DROP TABLE n"},
    {"drop-cascade", "DROP TYPE t CASCADE", "DROP TYPE t"},
    {"table-renamed", "ALTER TABLE a RENAME TO b", "CREATE TABLE n (); ALTER TABLE n RENAME TO b"},
    {"column-renamed", "ALTER TABLE a RENAME COLUMN b TO c",
     "ALTER TABLE a RENAME CONSTRAINT b TO c"},
    {"column-dropped", "ALTER TABLE a DROP COLUMN b", "ALTER TABLE a ALTER COLUMN b DROP NOT NULL"},
    {"trigger-disabled", "ALTER TABLE a DISABLE TRIGGER ALL", "ALTER TABLE a ENABLE TRIGGER ALL"},
    {"table-rewritten", "ALTER TABLE a SET UNLOGGED", "ALTER TABLE a SET (fillfactor = 90)"},
    {"change-without-where", "UPDATE a SET b = 1", "CREATE TABLE n (b int); UPDATE n SET b = 1"},
    {"change-without-where", "DELETE FROM a WHERE 1 = 1",
     "-- auterity: backfill table=a batch=9\nDELETE FROM a WHERE id IN "
     "(SELECT id FROM a WHERE b LIMIT $1)"},
    {"change-in-one-transaction", "UPDATE a SET b = 1 WHERE c = 2",
     "-- auterity: backfill table=a batch=9\nUPDATE a SET b = 1 WHERE id IN "
     "(SELECT id FROM a WHERE b IS NULL LIMIT $1)"},
    {"backfill-skips-locked",
     "-- auterity: backfill table=a batch=9\nUPDATE a SET b = 1 WHERE id IN "
     "(SELECT id FROM a WHERE b IS NULL LIMIT $1 FOR UPDATE SKIP LOCKED)",
     "-- auterity: backfill table=a batch=9\nUPDATE a SET b = 1 WHERE id IN "
     "(SELECT id FROM a WHERE b IS NULL LIMIT $1 FOR UPDATE)"},
    {"truncate", "TRUNCATE a", "CREATE TABLE n (); TRUNCATE n"},
    {"vacuum-full", "VACUUM FULL a", "VACUUM a"},
    {"cluster", "CLUSTER a USING i", "ANALYZE a"},
    {"lock-table", "LOCK TABLE a IN SHARE MODE", "SELECT 1"},
    {"refresh-not-concurrent", "REFRESH MATERIALIZED VIEW v",
     "REFRESH MATERIALIZED VIEW CONCURRENTLY v"},
    {"timeout-by-hand", "SET lock_timeout = 0", "SET LOCAL work_mem = '64MB'"},
    {"session-setting", "SET search_path = x", "SET LOCAL work_mem = '64MB'"},
    {"anonymous-block", "DO 'BEGIN END'",
     "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"},
};

std::vector<std::string> rules_of(std::string_view sql,
                                  const std::optional<TableSizes>& sizes = {}) {
  std::vector<std::string> rules;
  for (const Finding& finding : lint_file("0007_x.up.sql", std::string(sql), sizes))
    rules.push_back(finding.rule);
  return rules;
}

TEST(Linter, EachRuleSpeaksAndFallsSilent) {
  for (const Case& one : kCases) {
    EXPECT_EQ(rules_of(one.bad), std::vector<std::string>{std::string(one.rule)}) << one.bad;
    EXPECT_EQ(rules_of(one.good), std::vector<std::string>{}) << one.good;
  }
}

TEST(Linter, EveryRuleHasACaseAndAName) {
  std::set<std::string_view> tested;
  for (const Case& one : kCases) tested.insert(one.rule);
  const std::set<std::string_view> named(rule_names().begin(), rule_names().end());
  EXPECT_EQ(tested, named);
}

TEST(Linter, SaysWhereWhatAndWhatToDo) {
  const auto findings = lint_file("0007_x.up.sql", "-- why\n\nCREATE INDEX i\n ON app.a (b);", {});
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(to_text(findings.front()),
            "0007_x.up.sql:3: index-not-concurrent: an index of app.a is built in a transaction\n"
            "  consequence: the table refuses writes until the index is built\n"
            "  mend: CREATE INDEX CONCURRENTLY in a migration of its own\n");
}

TEST(Linter, IsQuietAboutTablesOfTheSameMigration) {
  EXPECT_EQ(rules_of("CREATE TABLE n (a int); CREATE INDEX i ON n (a); "
                     "ALTER TABLE n ADD CONSTRAINT c UNIQUE (a); DROP TABLE n"),
            std::vector<std::string>{});
}

TEST(Linter, KnowsSmallTablesWhenADatabaseIsGiven) {
  const TableSizes sizes{{"small", 12}, {"large", 5'000'000}};
  EXPECT_EQ(rules_of("CREATE INDEX i ON small (a)", sizes), std::vector<std::string>{});
  EXPECT_EQ(rules_of("CREATE INDEX i ON large (a)", sizes),
            std::vector<std::string>{"index-not-concurrent"});
  EXPECT_EQ(rules_of("ALTER TABLE small DROP COLUMN a", sizes),
            std::vector<std::string>{"column-dropped"})
      << "size does not matter to the running release";
}

TEST(Linter, AnIgnoreNeedsARuleThatSpeaks) {
  EXPECT_EQ(rules_of("-- auterity: ignore truncate: nobody reads it\nTRUNCATE a"),
            std::vector<std::string>{});
  EXPECT_EQ(rules_of("-- auterity: ignore truncate: nobody reads it\nSELECT 1"),
            std::vector<std::string>{"useless-ignore"});
  EXPECT_EQ(rules_of("-- auterity: ignore trunkate: x\nSELECT 1"),
            std::vector<std::string>{"useless-ignore"});
  EXPECT_EQ(rules_of("-- auterity: ignore truncate\nTRUNCATE a"),
            std::vector<std::string>{"unreadable"});
}

TEST(Linter, WhatCannotRunIsFound) {
  EXPECT_EQ(rules_of("CREATE TABLE"), std::vector<std::string>{"unreadable"});
  EXPECT_EQ(rules_of("SELECT 1; DROP INDEX CONCURRENTLY i"),
            std::vector<std::string>{"unreadable"});
  EXPECT_EQ(rules_of("-- nothing yet"), std::vector<std::string>{"empty"});
}

TEST(Linter, OwnMigrationsAreClean) {
  const auto own = data::load_migrations((harness::source_folder() / "migrations").string());
  ASSERT_TRUE(own) << own.error().message;
  for (const auto& migration : *own)
    for (const Finding& finding : lint(migration, {})) ADD_FAILURE() << to_text(finding);
}

}  // namespace
}  // namespace auterity::operations::lint
