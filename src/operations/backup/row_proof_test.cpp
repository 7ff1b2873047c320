#include "operations/backup/row_proof.h"

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include "core/system_clock.h"
#include "harness/event_loop.h"
#include "harness/postgres_server.h"

namespace auterity::operations::backup {
namespace {

using harness::PostgresServer;

// A database that notes how many tables are locked while a connection is opened.
class WatchedDatabase final : public data::Database {
 public:
  WatchedDatabase(data::Database& inner, std::string name)
      : inner_(inner), name_(std::move(name)) {}

  Async<Result<std::unique_ptr<data::Session>>> open_session() override {
    locked_while_opening += std::stoi(PostgresServer::shared()->execute(
        "SELECT count(*) FROM pg_locks WHERE mode = 'ShareLock' AND locktype = 'relation'", name_));
    return inner_.open_session();
  }
  Async<Result<data::RowsPtr>> query(data::Query query) override {
    return inner_.query(std::move(query));
  }
  Async<Result<data::RowsPtr>> read(data::Query query) override {
    return inner_.read(std::move(query));
  }
  Async<Result<std::vector<data::RowsPtr>>> transact(std::vector<data::Query> queries) override {
    return inner_.transact(std::move(queries));
  }
  Async<Status> with_transaction(std::function<Async<Status>(data::Session&)> work) override {
    return inner_.with_transaction(std::move(work));
  }
  PoolState pool() const override { return inner_.pool(); }
  Async<void> close() override { return inner_.close(); }

  int locked_while_opening = 0;

 private:
  data::Database& inner_;
  std::string name_;
};

class RowProofTest : public testing::Test {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_POSTGRES();
    name_ = server().create_database();
    execute("CREATE TABLE kept AS SELECT generate_series(1, 7)");
    database_ = data::open_database(loop_.executor(), clock_, log_, {.url = server().url(name_)});
  }
  void TearDown() override {
    if (database_) loop_.run(database_->close());
  }
  static PostgresServer& server() { return *PostgresServer::shared(); }
  std::string execute(const std::string& sql) { return server().execute(sql, name_); }

  harness::EventLoop loop_;
  SystemClock clock_;
  harness::SilentLog log_;
  std::string name_;
  std::unique_ptr<data::Database> database_;
};

// The first call of the server's function makes a table, as somebody else might meanwhile.
TEST_F(RowProofTest, AnAttemptThatCameToNothingLeavesNoRestorePointOfTheNameThatCounts) {
  execute("CREATE SCHEMA before");
  execute("CREATE SEQUENCE before.calls");
  execute(R"(CREATE FUNCTION before.pg_create_restore_point(name text) RETURNS pg_lsn
      LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('before.calls') = 1 THEN CREATE TABLE public.meanwhile (); END IF;
        RETURN pg_catalog.pg_create_restore_point(name);
      END $$)");
  execute("ALTER DATABASE " + name_ + " SET search_path = before, pg_catalog, public");
  const auto proof = loop_.run(prove_rows(*database_, clock_, "here"));
  ASSERT_TRUE(proof) << proof.error().message;
  ASSERT_TRUE(*proof);
  EXPECT_EQ((*proof)->point, "here 2");
  EXPECT_EQ((*proof)->rows.at("public.kept"), 7);
}

TEST_F(RowProofTest, NobodyWaitsWhileAConnectionIsMade) {
  WatchedDatabase watched(*database_, name_);
  const auto proof = loop_.run(prove_rows(watched, clock_, "here"));
  ASSERT_TRUE(proof && *proof);
  EXPECT_EQ((*proof)->point, "here 1");
  EXPECT_EQ(watched.locked_while_opening, 0);
}

TEST_F(RowProofTest, AWriterThatGoesOnIsNotWaitedFor) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> writer(
      PQconnectdb(server().url(name_).c_str()), PQfinish);
  PQclear(PQexec(writer.get(), "BEGIN; INSERT INTO kept VALUES (8)"));
  const auto proof = loop_.run(prove_rows(*database_, clock_, "here"));
  ASSERT_TRUE(proof) << proof.error().message;
  EXPECT_FALSE(*proof);
}

}  // namespace
}  // namespace auterity::operations::backup
