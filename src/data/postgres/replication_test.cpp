// Against a real PostgreSQL: it is the other half of the protocol.
#include "data/postgres/replication.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>

#include "core/json.h"
#include "harness/event_loop.h"
#include "harness/postgres_server.h"

namespace auterity::data {
namespace {

// Keeps everything; can fail, be slow, or do something at the first content.
class KeepingSink final : public BaseBackupSink {
 public:
  Async<Status> begin(const BaseBackupStart& begun) override {
    start = begun;
    co_return Status{};
  }
  Async<Status> begin_archive(std::string name) override {
    current = &archives[name];
    co_return Status{};
  }
  Async<Status> begin_manifest() override {
    current = &manifest;
    co_return Status{};
  }
  Async<Status> content(std::string_view bytes) override {
    if (at_first_content) std::exchange(at_first_content, nullptr)();
    if (calls_under_way++ > 0) overlapped = true;
    for (int i = 0; i < turns; ++i)
      co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                                 boost::asio::use_awaitable);
    --calls_under_way;
    if (failure) co_return fail(*failure, "the sink is full", "free space");
    current->append(bytes);
    co_return Status{};
  }

  BaseBackupStart start;
  std::map<std::string, std::string> archives;
  std::string manifest;
  std::string* current = nullptr;
  std::function<void()> at_first_content;
  std::optional<ErrorKind> failure;
  int turns = 0;  // of the event loop, for each content
  int calls_under_way = 0;
  bool overlapped = false;
};

std::string expanded(const std::string& bytes) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     ZSTD_freeDCtx);
  std::string all, piece(1 << 20, '\0');
  ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
  while (input.pos < input.size) {
    ZSTD_outBuffer output{piece.data(), piece.size(), 0};
    EXPECT_FALSE(ZSTD_isError(ZSTD_decompressStream(context.get(), &output, &input)));
    all.append(piece, 0, output.pos);
  }
  return all;
}

class ReplicationTest : public testing::Test {
 protected:
  void SetUp() override { AUTERITY_NEEDS_POSTGRES(); }

  harness::PostgresServer& server() { return *harness::PostgresServer::shared(); }
  std::unique_ptr<Replication> connect(const std::string& url) {
    auto opened = loop_.run(Replication::open(loop_.executor(), clock_, log_, {.url = url}));
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }
  std::unique_ptr<Replication> connect() { return connect(server().url()); }

  // Receives until the log before `end` has come; answers what came.
  std::string receive_until(Replication& replication, Lsn from, Lsn end) {
    std::string log;
    while (from + log.size() < end) {
      const auto arrival = loop_.run(replication.receive_wal(std::chrono::seconds(20)));
      if (!arrival || arrival->kind == WalArrival::Kind::timeline_end) {
        ADD_FAILURE() << "the stream ended";
        break;
      }
      if (arrival->kind == WalArrival::Kind::idle) continue;
      EXPECT_EQ(arrival->start, from + log.size()) << "the log comes without gaps";
      log += arrival->bytes;
    }
    return log;
  }
  static Lsn lsn_of(const std::string& text) { return Lsn::parse(text).value(); }
  static bool is_active(const harness::PostgresServer& server, const std::string& slot) {
    return server.execute("SELECT active FROM pg_replication_slots WHERE slot_name = '" + slot +
                          "'") == "t";
  }
  static void write_some(const harness::PostgresServer& server) {
    server.execute("SELECT pg_logical_emit_message(true, 'test', repeat('w', 50000))");
  }

  harness::EventLoop loop_;
  SystemClock clock_;
  harness::SilentLog log_;
};

TEST_F(ReplicationTest, IdentifiesTheSystem) {
  const auto replication = connect();
  const auto identity = loop_.run(replication->identify_system());
  ASSERT_TRUE(identity) << identity.error().message;
  EXPECT_EQ(identity->system_id,
            server().execute("SELECT system_identifier FROM pg_control_system()"));
  EXPECT_EQ(identity->timeline, 1u);
  EXPECT_LE(identity->flushed, lsn_of(server().execute("SELECT pg_current_wal_lsn()")));
  EXPECT_EQ(loop_.run(replication->show("wal_segment_size")).value(), "16MB");
  EXPECT_EQ(loop_.run(replication->show("no_such_setting; drop")).error().kind,
            ErrorKind::invalid_input);
}

TEST_F(ReplicationTest, TheFirstTimelineHasNoHistory) {
  const auto replication = connect();
  EXPECT_EQ(loop_.run(replication->timeline_history(1)).error().kind, ErrorKind::not_found);
  EXPECT_TRUE(loop_.run(replication->identify_system())) << "the connection is still of use";
}

TEST_F(ReplicationTest, SlotsComeAndGo) {
  const auto replication = connect();
  EXPECT_FALSE(loop_.run(replication->find_slot("coming")).value());
  ASSERT_TRUE(loop_.run(replication->create_slot("coming")));
  const auto slot = loop_.run(replication->find_slot("coming"));
  ASSERT_TRUE(slot && *slot);
  EXPECT_EQ((*slot)->timeline, 1u);
  EXPECT_GT((*slot)->restart, Lsn());
  EXPECT_EQ(loop_.run(replication->create_slot("coming")).error().kind, ErrorKind::conflict);
  ASSERT_TRUE(loop_.run(replication->drop_slot("coming")));
  EXPECT_EQ(loop_.run(replication->drop_slot("coming")).error().kind, ErrorKind::not_found);
  EXPECT_EQ(loop_.run(replication->create_slot("a b")).error().kind, ErrorKind::invalid_input);
}

TEST_F(ReplicationTest, ABaseBackupIsAnArchiveAndAManifest) {
  const auto replication = connect();
  KeepingSink sink;
  sink.turns = 2;
  const auto backup = loop_.run(replication->base_backup({.label = "it's one"}, sink));
  ASSERT_TRUE(backup) << backup.error().message;
  EXPECT_EQ(sink.start.timeline, 1u);
  EXPECT_LT(backup->begun.start, backup->stop);
  ASSERT_EQ(backup->begun.tablespaces.size(), 1u);
  EXPECT_EQ(backup->begun.tablespaces.front().oid, "");
  ASSERT_EQ(sink.archives.size(), 1u);
  const auto tar = expanded(sink.archives.at("base.tar.zst"));
  for (const auto* file : {"PG_VERSION", "backup_label", "global/pg_control", "LABEL: it's one"})
    EXPECT_NE(tar.find(file), std::string::npos) << file;
  EXPECT_NE(tar.find(segment_name(1, backup->begun.start)), std::string::npos) << "its log";
  const auto manifest = parse_json(sink.manifest);
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_NE(find_member(*manifest, "Manifest-Checksum"), nullptr);
  EXPECT_FALSE(sink.overlapped) << "the next content waits for the sink";
  EXPECT_TRUE(loop_.run(replication->identify_system())) << "the connection is still of use";
}

TEST_F(ReplicationTest, ASinkThatFailsEndsTheBackup) {
  const auto replication = connect();
  KeepingSink sink;
  sink.failure = ErrorKind::storage_full;
  const auto backup = loop_.run(replication->base_backup({}, sink));
  ASSERT_FALSE(backup);
  EXPECT_EQ(backup.error().kind, ErrorKind::storage_full);
}

TEST_F(ReplicationTest, AServerKilledInTheMiddleOfABackupIsUnavailable) {
  harness::PostgresServer mortal;
  const auto replication = connect(mortal.url());
  KeepingSink sink;
  sink.at_first_content = [&] { mortal.kill(); };
  const auto backup = loop_.run(replication->base_backup({}, sink));
  ASSERT_FALSE(backup);
  EXPECT_EQ(backup.error().kind, ErrorKind::unavailable) << backup.error().message;
  EXPECT_TRUE(sink.manifest.empty());
}

TEST_F(ReplicationTest, StreamsTheLogAndKeepsWhatIsNotConfirmed) {
  auto replication = connect();
  ASSERT_TRUE(loop_.run(replication->create_slot("reader")));
  const auto slot = loop_.run(replication->find_slot("reader")).value().value();
  const Lsn start = segment_start(slot.restart);
  write_some(server());
  const Lsn end = lsn_of(server().execute("SELECT pg_current_wal_flush_lsn()"));
  ASSERT_TRUE(loop_.run(replication->start_wal("reader", start, slot.timeline)));
  const auto first = receive_until(*replication, start, end);
  EXPECT_NE(first.find(std::string(1000, 'w')), std::string::npos);

  // Nothing was confirmed: another connection gets the same again.
  replication = connect();
  while (is_active(server(), "reader")) {
  }
  EXPECT_EQ(loop_.run(replication->find_slot("reader")).value()->restart, slot.restart);
  ASSERT_TRUE(loop_.run(replication->start_wal("reader", start, slot.timeline)));
  const auto second = receive_until(*replication, start, end);
  EXPECT_TRUE(second.starts_with(first) || first.starts_with(second));

  ASSERT_TRUE(loop_.run(replication->confirm_wal(end)));
  const auto restart_of = [&] {
    return lsn_of(server().execute(
        "SELECT restart_lsn FROM pg_replication_slots WHERE slot_name = 'reader'"));
  };
  while (restart_of() < end) {
  }
  EXPECT_EQ(restart_of(), end);
  replication.reset();
  while (is_active(server(), "reader")) {
  }
  EXPECT_TRUE(loop_.run(connect()->drop_slot("reader")));
}

TEST_F(ReplicationTest, WaitsForTheLogNoLongerThanAsked) {
  const auto replication = connect();
  ASSERT_TRUE(loop_.run(replication->create_slot("patient")));
  const auto identity = loop_.run(replication->identify_system()).value();
  ASSERT_TRUE(loop_.run(replication->start_wal("patient", identity.flushed, 1)));
  auto kind = WalArrival::Kind::bytes;
  while (kind == WalArrival::Kind::bytes)
    kind = loop_.run(replication->receive_wal(std::chrono::milliseconds(1)))->kind;
  EXPECT_EQ(kind, WalArrival::Kind::idle);

  const auto other = connect();
  EXPECT_EQ(loop_.run(other->start_wal("patient", identity.flushed, 1)).error().kind,
            ErrorKind::conflict)
      << "a slot has one reader";
  EXPECT_EQ(loop_.run(other->drop_slot("patient")).error().kind, ErrorKind::conflict);
  server().execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots");
  while (is_active(server(), "patient")) {
  }
  Result<WalArrival> arrival = WalArrival{};
  while (arrival) arrival = loop_.run(replication->receive_wal(std::chrono::seconds(20)));
  EXPECT_EQ(arrival.error().kind, ErrorKind::unavailable) << arrival.error().message;
  EXPECT_TRUE(loop_.run(other->drop_slot("patient")));
}

TEST_F(ReplicationTest, LogThatIsGoneIsNotFound) {
  harness::PostgresServer::Options options;
  options.settings = {{"min_wal_size", "32MB"}, {"max_wal_size", "32MB"}};
  harness::PostgresServer forgetful(options);
  const auto replication = connect(forgetful.url());
  for (int i = 0; i < 4; ++i) forgetful.execute("SELECT pg_switch_wal(), txid_current()");
  forgetful.execute("CHECKPOINT");
  ASSERT_TRUE(loop_.run(replication->create_slot("late")));
  ASSERT_TRUE(loop_.run(replication->start_wal("late", Lsn(kWalSegmentBytes), 1)));
  Result<WalArrival> arrival = WalArrival{};
  while (arrival) arrival = loop_.run(replication->receive_wal(std::chrono::seconds(20)));
  EXPECT_EQ(arrival.error().kind, ErrorKind::not_found) << arrival.error().message;
  EXPECT_NE(arrival.error().hint.find("new base backup"), std::string::npos);
}

TEST_F(ReplicationTest, AServerThatIsAwayIsUnavailableWithoutSecrets) {
  const auto opened = loop_.run(Replication::open(
      loop_.executor(), clock_, log_,
      {.url = "postgresql://somebody:secret@/postgres?host=/nonexistent&port=5432"}));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::unavailable);
  EXPECT_EQ((opened.error().message + opened.error().hint).find("secret"), std::string::npos);
}

}  // namespace
}  // namespace auterity::data
