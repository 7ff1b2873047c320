#include "data/migrations/script.h"

#include <gtest/gtest.h>

#include "data/migrations/table_locks.h"

namespace auterity::data {
namespace {

std::string problem(const std::string& sql) {
  const auto script = read_script(sql);
  return script ? "" : script.error().message;
}

RunClass class_of(const std::string& sql) {
  const auto script = read_script(sql);
  EXPECT_TRUE(script) << script.error().message;
  return script ? script->run_class : RunClass::transaction;
}

TEST(SqlParser, KnowsWhereStatementsBegin) {
  const auto parsed = parse_sql(
      "-- one\n/* two\n /* nested */ */\nSELECT ';' ;\n\n-- three\nDROP TABLE a;\n-- last\n");
  ASSERT_TRUE(parsed) << parsed.error().message;
  ASSERT_EQ(parsed->size(), 2u);
  EXPECT_EQ(parsed->at(0).line, 4);
  EXPECT_EQ(parsed->at(0).text, "SELECT ';'");
  ASSERT_EQ(parsed->at(0).comments.size(), 2u);
  EXPECT_EQ(parsed->at(0).comments[1].line, 2);
  EXPECT_EQ(parsed->at(1).kind, "DropStmt");
  EXPECT_EQ(parsed->at(1).line, 7);
  EXPECT_EQ(parsed->at(1).comments.front().text, "three");
  EXPECT_EQ(parsed->at(1).comments.front().line, 6);
}

TEST(SqlParser, NamesTheLineItCannotRead) {
  EXPECT_TRUE(problem("SELECT 1;\n\nSELEC 2").starts_with("line 3: syntax error"))
      << problem("SELECT 1;\n\nSELEC 2");
  EXPECT_TRUE(problem(std::string("SELECT\n\0", 8)).starts_with("line 2: a NUL byte"));
}

TEST(Script, ItsClassFollowsFromItsStatements) {
  EXPECT_EQ(class_of("CREATE TABLE a (); CREATE INDEX ON a ((1))"), RunClass::transaction);
  EXPECT_EQ(class_of("ALTER TABLE a VALIDATE CONSTRAINT b"), RunClass::validation);
  EXPECT_EQ(class_of("CREATE INDEX CONCURRENTLY i ON a (b)"), RunClass::index);
  EXPECT_EQ(class_of("DROP INDEX CONCURRENTLY i"), RunClass::index);
  EXPECT_EQ(class_of("REINDEX INDEX CONCURRENTLY i"), RunClass::alone);
  EXPECT_EQ(class_of("-- auterity: backfill table=a batch=10 pause=5\n"
                     "UPDATE a SET b = 1 WHERE id IN (SELECT id FROM a WHERE b IS NULL LIMIT $1)"),
            RunClass::backfill);
}

TEST(Script, WhatCannotBeRunIsRefusedWithItsLine) {
  EXPECT_TRUE(problem("SELECT 1;\nBEGIN").starts_with("line 2: a migration may not begin"));
  EXPECT_TRUE(problem("SELECT 1;\nCREATE INDEX CONCURRENTLY i ON a (b)").contains("stand alone"));
  EXPECT_TRUE(problem("CREATE INDEX CONCURRENTLY ON a (b)").contains("needs a name"));
  EXPECT_TRUE(problem("CREATE DATABASE x").contains("not the server"));
  EXPECT_TRUE(
      problem("-- auterity: backfill table=a batch=10\nUPDATE a SET b = 1").contains("LIMIT $1"));
  EXPECT_TRUE(
      problem("-- auterity: backfill table=a batch=10\nDROP TABLE a").contains("one UPDATE"));
}

TEST(Script, MalformedDeclarationsAreRefusedWithTheirLine) {
  for (const std::string declaration :
       {"bakfill table=a batch=1", "backfill table=a", "backfill batch=1",
        "backfill table=a batch=0", "backfill table=a batch=1 pause=x", "ignore truncate",
        "ignore : because", "irreversible"})
    EXPECT_TRUE(problem("\n-- auterity: " + declaration + "\nSELECT 1").starts_with("line 2: "))
        << declaration;
}

TEST(Script, IgnoresCarryTheirReason) {
  const auto parsed =
      parse_sql("-- auterity: ignore truncate: nobody reads it\nTRUNCATE a").value();
  const auto declared = read_declarations(parsed.front().comments).value();
  ASSERT_EQ(declared.ignored.size(), 1u);
  EXPECT_EQ(declared.ignored.front().rule, "truncate");
  EXPECT_EQ(declared.ignored.front().reason, "nobody reads it");
}

std::string locks(const std::string& sql) {
  std::string text;
  for (const SqlStatement& statement : parse_sql(sql).value())
    for (const TableLock& lock : locks_of(statement))
      text += std::string(name_of(lock.mode)) + " " + lock.table.text() + "; ";
  return text;
}

TEST(TableLocks, FollowTheManual) {
  EXPECT_EQ(locks("ALTER TABLE s.a ADD COLUMN b int"), "ACCESS EXCLUSIVE s.a; ");
  EXPECT_EQ(locks("ALTER TABLE a VALIDATE CONSTRAINT b"), "SHARE UPDATE EXCLUSIVE a; ");
  EXPECT_EQ(locks("ALTER TABLE a ADD FOREIGN KEY (x) REFERENCES b"),
            "SHARE ROW EXCLUSIVE a; SHARE ROW EXCLUSIVE b; ");
  EXPECT_EQ(locks("CREATE TABLE n (x int REFERENCES b)"), "SHARE ROW EXCLUSIVE b; ");
  EXPECT_EQ(locks("CREATE INDEX i ON a (x)"), "SHARE a; ");
  EXPECT_EQ(locks("CREATE INDEX CONCURRENTLY i ON a (x)"), "SHARE UPDATE EXCLUSIVE a; ");
  EXPECT_EQ(locks("DROP TABLE a, s.b"), "ACCESS EXCLUSIVE a; ACCESS EXCLUSIVE s.b; ");
  EXPECT_EQ(locks("DROP TRIGGER t ON s.b"), "ACCESS EXCLUSIVE s.b; ");
  EXPECT_EQ(locks("ALTER TABLE a DISABLE TRIGGER ALL"), "SHARE ROW EXCLUSIVE a; ");
  EXPECT_EQ(locks("UPDATE a SET b = 1"), "ROW EXCLUSIVE a; ");
  EXPECT_EQ(locks("TRUNCATE a, b"), "ACCESS EXCLUSIVE a; ACCESS EXCLUSIVE b; ");
  EXPECT_EQ(locks("COMMENT ON COLUMN a.b IS 'x'"), "SHARE UPDATE EXCLUSIVE a; ");
  EXPECT_EQ(locks("CREATE TABLE p PARTITION OF a DEFAULT"), "ACCESS EXCLUSIVE a; ");
  EXPECT_EQ(locks("ALTER TABLE a ATTACH PARTITION p DEFAULT"),
            "SHARE UPDATE EXCLUSIVE a; ACCESS EXCLUSIVE p; ");
  EXPECT_EQ(locks("ALTER TABLE a RENAME COLUMN b TO c"), "ACCESS EXCLUSIVE a; ");
  EXPECT_EQ(locks("CREATE POLICY p ON a USING (true)"), "ACCESS EXCLUSIVE a; ");
  EXPECT_EQ(locks("REINDEX TABLE CONCURRENTLY a; VACUUM FULL a"),
            "SHARE UPDATE EXCLUSIVE a; ACCESS EXCLUSIVE a; ");
  EXPECT_EQ(locks("CREATE TYPE t AS ENUM ('x'); SELECT 1"), "");
}

}  // namespace
}  // namespace auterity::data
