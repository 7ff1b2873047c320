// A base backup and the archived log make a running cluster again, as it was at any time between.
#include "operations/backup/wal_feed.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/stat.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>

#include "harness/event_loop.h"
#include "harness/memory_object_store.h"
#include "harness/postgres_server.h"
#include "harness/program.h"
#include "operations/backup/restore_cluster.h"
#include "operations/backup/wal_fetch_process.h"
#include "operations/backup/wal_shipper.h"

namespace auterity::operations::backup {
namespace {

struct Reached {};

class StoringSink final : public data::BaseBackupSink {
 public:
  explicit StoringSink(data::SealedObjects& objects) : objects_(objects) {}
  Async<Status> begin(const data::BaseBackupStart&) override { co_return Status{}; }
  Async<Status> begin_archive(std::string) override { co_return Status{}; }
  Async<Status> begin_manifest() override {
    AUTERITY_CO_CHECK(co_await objects_.put("base", std::exchange(bytes_, {}),
                                            {.compression = data::Compression::none}));
    co_return Status{};
  }
  Async<Status> content(std::string_view bytes) override {
    bytes_ += bytes;
    co_return Status{};
  }
  Async<Status> end() {
    AUTERITY_CO_CHECK(co_await objects_.put("manifest", bytes_));
    co_return Status{};
  }

 private:
  data::SealedObjects& objects_;
  std::string bytes_;
};

class WalFeedTest : public testing::Test {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_POSTGRES();
    if (harness::program_path().empty())
      GTEST_SKIP() << "AUTERITY_BINARY is not set; ctest sets it";
    back_up();
  }
  void TearDown() override {
    feeding_.stop();
    feeding_.join();
  }

  static data::SealingKey draw() {
    SeededRandom random(1);
    return data::SealingKey::draw(random);
  }

  // One row before the base backup, one after it, a restore point, and one more, all archived.
  void back_up() {
    harness::PostgresServer server;
    server.execute("CREATE TABLE kept (at text)");
    server.execute("INSERT INTO kept VALUES ('before')");
    auto replication =
        loop_.run(data::Replication::open(loop_.executor(), clock_, log_, {.url = server.url()}))
            .value();
    system_id_ = loop_.run(replication->identify_system())->system_id;
    ASSERT_TRUE(loop_.run(replication->create_slot(std::string(WalShipper::kSlot))));
    StoringSink sink(objects_);
    ASSERT_TRUE(loop_.run(replication->base_backup({.include_wal = false}, sink)));
    ASSERT_TRUE(loop_.run(sink.end()));
    server.execute("INSERT INTO kept VALUES ('after')");
    server.execute("SELECT pg_create_restore_point('here')");
    server.execute("SELECT pg_switch_wal()");
    server.execute("INSERT INTO kept VALUES ('late')");
    const auto end = data::Lsn::parse(server.execute("SELECT pg_current_wal_flush_lsn()")).value();
    WalShipper shipper(loop_.executor(), clock_, log_, objects_, server.url(),
                       [&](const WalShippingState& state) {
                         if (state.durable >= end) throw Reached{};
                       });
    EXPECT_THROW((void)loop_.run(shipper.run_once()), Reached);
  }

  // Restores, recovers to the target and answers the rows.
  std::string recover(RecoveryTarget target) {
    harness::ServerProcess process("recovered");
    struct stat facts{};
    ::stat(process.folder().c_str(), &facts);
    const bool other = facts.st_uid != ::geteuid();
    const auto socket = process.folder() / "wal.sock";
    WalArchive archive(objects_, system_id_);
    auto feed =
        WalFeed::open(feeding_.get_executor(), archive, socket,
                      other ? std::optional(FileOwner{facts.st_uid, facts.st_gid}) : std::nullopt);
    if (!feed) return feed.error().message;
    boost::asio::co_spawn(feeding_, (*feed)->serve(), [](std::exception_ptr) {});
    const auto restored = loop_.run(restore_cluster(
        objects_, {.source = {"base", "", "manifest", ""},
                   .data_folder = process.folder() / "data",
                   .service_user = other ? ::getpwuid(facts.st_uid)->pw_name : "",
                   .target = std::move(target),
                   .restore_command = wal_fetch_command(harness::program_path(), socket)}));
    if (!restored) return restored.error().message;
    std::string rows;
    try {
      start(process);
      // It may answer as a standby first, while it still replays.
      while (query(process, "SELECT pg_is_in_recovery()") == "t") {
      }
      rows = query(process, "SELECT string_agg(at, ' ') FROM kept");
      process.stop(SIGINT);
    } catch (const std::exception& error) {
      rows = error.what();
    }
    if ((*feed)->failure()) rows = (*feed)->failure()->message;
    feeding_.stop();
    feeding_.join();
    return rows;
  }

  static void start(harness::ServerProcess& process) {
    const auto postgres = harness::ServerProcess::find_program(
        "postgres", {"/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/16/bin"});
    process.start(
        {{*postgres, "-D", (process.folder() / "data").string(), "-c", "listen_addresses=", "-c",
          "unix_socket_directories=" + process.folder().string(), "-c", "port=5432", "-c",
          "fsync=off"},
         {},
         {}});
  }
  static std::string query(const harness::ServerProcess& process, const std::string& sql) {
    const auto url =
        fmt::format("postgresql://auterity@/postgres?host={}&port=5432", process.folder().string());
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()),
                                                                  PQfinish);
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(connection.get(), sql.c_str()), PQclear);
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0)
                                       : PQerrorMessage(connection.get());
  }

  harness::EventLoop loop_;
  SystemClock clock_;
  harness::SilentLog log_;
  boost::asio::thread_pool pool_{1};
  boost::asio::thread_pool feeding_{1};  // the feed answers while the test waits for PostgreSQL
  harness::MemoryObjectStore store_;
  data::SealedObjects objects_{store_, pool_.get_executor(), draw()};
  std::string system_id_;
};

TEST_F(WalFeedTest, RecoversEverythingThatWasArchived) {
  EXPECT_EQ(recover({}), "before after late");
}

TEST_F(WalFeedTest, RecoversToARestorePoint) {
  EXPECT_EQ(recover({.kind = RecoveryTarget::Kind::name, .name = "here"}), "before after");
}

// A damaged log must not seem to end where the damage is.
TEST_F(WalFeedTest, RecoveryStopsAtDamageAndSaysSo) {
  std::string last;
  for (const auto& [key, content] : store_.objects())
    if (key.starts_with("wal/")) last = key;
  store_.objects()[last].back() ^= 1;
  EXPECT_NE(recover({}).find(last + " is damaged"), std::string::npos);
}

TEST(WalFetch, SaysFailureWhereNobodyAnswers) {
  EXPECT_EQ(run_wal_fetch("/nonexistent/socket", "000000010000000000000001", "/nonexistent/file"),
            kWalFailed);
}

}  // namespace
}  // namespace auterity::operations::backup
