// From a running PostgreSQL to sealed objects and back to a running PostgreSQL.
#include "operations/backup/restore_cluster.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/stat.h>

#include <boost/asio/thread_pool.hpp>

#include "data/postgres/replication.h"
#include "harness/event_loop.h"
#include "harness/postgres_server.h"

namespace auterity::operations::backup {
namespace {

class StoringSink final : public data::BaseBackupSink {
 public:
  explicit StoringSink(data::SealedObjects& objects) : objects_(objects) {}
  Async<Status> begin(const data::BaseBackupStart&) override { co_return Status{}; }
  Async<Status> begin_archive(std::string) override {
    return begin_object("base", data::Compression::none);
  }
  Async<Status> begin_manifest() override {
    return begin_object("manifest", data::Compression::zstd);
  }
  Async<Status> content(std::string_view bytes) override { return writer_->write(bytes); }
  Async<Status> end() {
    AUTERITY_CO_CHECK(co_await writer_->finish());
    co_return Status{};
  }

 private:
  Async<Status> begin_object(std::string key, data::Compression compression) {
    if (writer_) AUTERITY_CO_CHECK(co_await end());
    AUTERITY_CO_TRY(writer,
                    co_await objects_.open_writer(std::move(key), {.compression = compression}));
    writer_ = std::move(writer);
    co_return Status{};
  }
  data::SealedObjects& objects_;
  std::unique_ptr<data::SealedWriter> writer_;
};

// One base backup for all tests here; taking it is the expensive part.
struct TakenBackup {
  TakenBackup() {
    auto& server = *harness::PostgresServer::shared();
    server.execute(
        "CREATE TABLE kept AS SELECT i, repeat('x', 500) FROM generate_series(1, 4000) i");
    auto replication =
        loop.run(data::Replication::open(loop.executor(), clock, log, {.url = server.url()}))
            .value();
    StoringSink sink(objects);
    const auto taken = loop.run(replication->base_backup({}, sink));
    if (!taken || !loop.run(sink.end())) throw std::runtime_error("no base backup");
    system_id = loop.run(replication->identify_system())->system_id;
  }
  static data::SealingKey draw() {
    SeededRandom random(1);
    return data::SealingKey::draw(random);
  }

  harness::EventLoop loop;
  SystemClock clock;
  harness::SilentLog log;
  harness::ThrowawayFolder folder{"sealed"};
  boost::asio::thread_pool pool{2};
  std::unique_ptr<data::ObjectStore> store =
      data::open_folder_object_store(folder.path().string(), pool.get_executor());
  data::SealedObjects objects{*store, pool.get_executor(), draw()};
  std::string system_id;
};

class RestoreClusterTest : public testing::Test {
 protected:
  void SetUp() override { AUTERITY_NEEDS_POSTGRES(); }
  static TakenBackup& backup() {
    static TakenBackup taken;
    return taken;
  }
  // The user that the tests' servers run as; empty when that is us.
  std::string service_user() const {
    struct stat facts{};
    ::stat(process_.folder().c_str(), &facts);
    return facts.st_uid == ::geteuid() ? "" : ::getpwuid(facts.st_uid)->pw_name;
  }
  std::filesystem::path data_folder() const { return process_.folder() / "data"; }
  Result<UnpackedCluster> restore(RecoveryTarget target = {},
                                  std::optional<data::SealingKey> key = {}) {
    data::SealedObjects objects(*backup().store, backup().pool.get_executor(),
                                key.value_or(TakenBackup::draw()));
    return backup().loop.run(restore_cluster(objects, {.source = {"base", "", "manifest", ""},
                                                       .data_folder = data_folder(),
                                                       .service_user = service_user(),
                                                       .target = std::move(target),
                                                       .restore_command = {}}));
  }
  void start() {
    const auto postgres = harness::ServerProcess::find_program(
        "postgres", {"/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/16/bin"});
    process_.start({{*postgres, "-D", data_folder().string(), "-c", "listen_addresses=", "-c",
                     "unix_socket_directories=" + process_.folder().string(), "-c", "port=5432",
                     "-c", "fsync=off"},
                    {},
                    {}});
  }
  std::string query(const std::string& sql) {
    const auto url = fmt::format("postgresql://auterity@/postgres?host={}&port=5432",
                                 process_.folder().string());
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()),
                                                                  PQfinish);
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(connection.get(), sql.c_str()), PQclear);
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0)
                                       : PQerrorMessage(connection.get());
  }
  // Changes what is stored under `key` for the time of `work`.
  void with_damage(const std::string& key, const std::function<void(std::string&)>& damage,
                   const std::function<void()>& work) {
    auto& taken = backup();
    const auto before = taken.loop.run(taken.store->get(key)).value();
    auto changed = before;
    damage(changed);
    ASSERT_TRUE(taken.loop.run(taken.store->put(key, changed)));
    work();
    ASSERT_TRUE(taken.loop.run(taken.store->put(key, before)));
  }

  harness::ServerProcess process_{"restored"};
};

TEST_F(RestoreClusterTest, ARestoredClusterRunsWithItsRows) {
  const auto restored = restore({.kind = RecoveryTarget::Kind::consistent});
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_GT(restored->files, 500u);
  EXPECT_GT(restored->bytes, 20'000'000u);
  start();
  EXPECT_EQ(query("SELECT count(*) FROM kept"), "4000");
  EXPECT_EQ(query("SELECT system_identifier FROM pg_control_system()"), backup().system_id);
  // It answers as soon as it is consistent, and is promoted right after.
  for (int looks = 0; looks < 10'000 && query("SELECT pg_is_in_recovery()") == "t"; ++looks)
    continue;
  EXPECT_EQ(query("SELECT pg_is_in_recovery()"), "f") << "promoted";
  EXPECT_EQ(query("SELECT timeline_id FROM pg_control_checkpoint()"), "2");
  process_.stop(SIGINT);
}

TEST_F(RestoreClusterTest, AFolderThatHoldsSomethingIsLeftAlone) {
  ASSERT_TRUE(restore());
  const auto again = restore();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
}

TEST_F(RestoreClusterTest, AMissingObjectIsToldBeforeAnythingIsMade) {
  auto& taken = backup();
  const auto kept = taken.loop.run(taken.store->get("manifest")).value();
  ASSERT_TRUE(taken.loop.run(taken.store->remove("manifest")));
  EXPECT_EQ(restore().error().kind, ErrorKind::not_found);
  EXPECT_FALSE(std::filesystem::exists(data_folder()));
  ASSERT_TRUE(taken.loop.run(taken.store->put("manifest", kept)));
}

TEST_F(RestoreClusterTest, DamageIsFoundWhileUnpacking) {
  with_damage(
      "base", [](std::string& bytes) { bytes[bytes.size() / 2] ^= 1; },
      [&] { EXPECT_EQ(restore().error().kind, ErrorKind::failed); });
}

TEST_F(RestoreClusterTest, AnArchiveThatWasCutOffIsFound) {
  with_damage(
      "base", [](std::string& bytes) { bytes.resize(bytes.size() - 100); },
      [&] { EXPECT_EQ(restore().error().kind, ErrorKind::failed); });
}

TEST_F(RestoreClusterTest, AnotherKeyIsToldApart) {
  SeededRandom random(2);
  const auto restored = restore({}, data::SealingKey::draw(random));
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().kind, ErrorKind::forbidden);
}

// Sealed well, and yet not what the server listed.
TEST_F(RestoreClusterTest, EveryFileIsComparedWithTheServersManifest) {
  auto& taken = backup();
  const auto text = taken.loop.run(taken.objects.get("manifest")).value();
  const auto restore_with = [&](const std::string& from, const std::string& to) {
    auto changed = text;
    const auto at = changed.find(from);
    EXPECT_NE(at, std::string::npos);
    changed.replace(at, from.size(), to);
    EXPECT_TRUE(taken.loop.run(taken.objects.put("manifest", changed)));
    const auto restored = restore();
    std::filesystem::remove_all(data_folder());
    return restored ? std::string("restored") : restored.error().message;
  };
  EXPECT_NE(restore_with("\"PG_VERSION\", \"Size\": 3", "\"PG_VERSION\", \"Size\": 4")
                .find("PG_VERSION has 3 bytes instead of 4"),
            std::string::npos);
  EXPECT_NE(restore_with("\"Checksum\": \"", "\"Checksum\": \"0").find("has the checksum"),
            std::string::npos);
  EXPECT_NE(
      restore_with("\"Path\": \"PG_VERSION\"", "\"Path\": \"PG_OTHER\"").find("PG_VERSION is not"),
      std::string::npos);
  EXPECT_NE(restore_with("\"Files\": [", "\"Files\": [{\"Path\":\"gone\",\"Size\":1},")
                .find("gone is missing"),
            std::string::npos);
  ASSERT_TRUE(taken.loop.run(taken.objects.put("manifest", text)));
}

}  // namespace
}  // namespace auterity::operations::backup
