// The log of a platform at work is in the backup location a moment later, whatever dies meanwhile;
// and what the loss of everything else costs is measured.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <thread>

#include "core/system_clock.h"
#include "harness/loopback_port.h"
#include "machine.h"
#include "restored_log.h"

namespace auterity::end_to_end {
namespace {

namespace fs = std::filesystem;
using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

// Writes one row after the other, each in a transaction of its own, and keeps when each was
// acknowledged. Goes on by itself where it was when the server comes back.
class Writer {
 public:
  explicit Writer(std::string url) : url_(std::move(url)), thread_([this] { write(); }) {}
  ~Writer() { stop(); }

  std::size_t acknowledged() const {
    const std::scoped_lock lock(mutex_);
    return moments_.size();
  }
  // The n-th row, from 1 on, was acknowledged then.
  Duration moment(std::size_t n) const {
    const std::scoped_lock lock(mutex_);
    return moments_.at(n - 1);
  }
  void stop() {
    stopped_ = true;
    if (thread_.joinable()) thread_.join();
  }

 private:
  void write() {
    while (!stopped_) {
      const Connection connection(PQconnectdb(url_.c_str()), PQfinish);
      execute(connection.get(), "CREATE TABLE IF NOT EXISTS written (n bigint PRIMARY KEY)");
      while (!stopped_ &&
             execute(connection.get(), fmt::format("INSERT INTO written VALUES ({}) ON CONFLICT DO "
                                                   "NOTHING",
                                                   acknowledged() + 1))) {
        const std::scoped_lock lock(mutex_);
        moments_.push_back(clock_.monotonic());
      }
    }
  }
  static bool execute(PGconn* connection, const std::string& statement) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(connection, statement.c_str()), PQclear);
    return PQresultStatus(result.get()) == PGRES_COMMAND_OK;
  }

  SystemClock clock_;
  std::string url_;
  mutable std::mutex mutex_;
  std::vector<Duration> moments_;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

class LogShipping : public testing::Test {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_PLATFORM();
    const auto up = machine_.auterity(
        {"up", "--replicas", "1", "--port", std::to_string(harness::find_free_loopback_port())});
    ASSERT_EQ(up.exit_code, 0) << up.error_output;
    ASSERT_EQ(machine_.auterity({"backup", "database", "--no-verify"}).exit_code, 0);
    writer_ = std::make_unique<Writer>(
        std::string(string_or(find_member(machine_.credentials(), "database_url"), "")));
  }

  fs::path location() const { return machine_.home() / "backups/development"; }
  fs::path key() const { return machine_.home() / "keys/backup.key"; }
  Json shipping() {
    const Json status = machine_.status();
    const Json* found = find_member(status, "log_shipping");
    return found == nullptr ? Json() : *found;
  }
  // Rows written from now on are shipped, and none waits for longer than a second.
  bool catches_up() {
    const std::size_t before = writer_->acknowledged();
    return machine_.eventually([&] {
      const Json now = shipping();
      const Json* behind = find_member(now, "behind_seconds");
      return writer_->acknowledged() > before + 100 && behind != nullptr && behind->is_double() &&
             behind->get_double() < 1 && string_or(find_member(now, "state"), "") == "shipping";
    });
  }
  void kill_and_see_it_back(const std::string& component) {
    const pid_t before = machine_.pid_of(component);
    ASSERT_GT(before, 0);
    ASSERT_EQ(::kill(before, SIGKILL), 0);
    EXPECT_TRUE(machine_.eventually([&] {
      const pid_t now = machine_.pid_of(component);
      return now > 0 && now != before;
    })) << component;
    EXPECT_TRUE(catches_up()) << "after the death of " << component;
  }
  // Everything ends at once, supervisors first, and the data folder is gone. Answers when.
  Duration destroy() {
    const std::vector<pid_t> keepers{machine_.pid_of("wal-shipper"), machine_.pid_of("postgres")};
    for (const pid_t pid : machine_.processes("s6-")) ::kill(pid, SIGKILL);
    const Duration lost_at = clock_.monotonic();
    for (const pid_t pid : keepers) {
      EXPECT_GT(pid, 0);
      if (pid > 0) ::kill(pid, SIGKILL);
    }
    for (const pid_t pid : machine_.processes()) ::kill(pid, SIGKILL);
    writer_->stop();
    fs::remove_all(machine_.state() / "postgres");
    return lost_at;
  }

  SystemClock clock_;
  Machine machine_;
  std::unique_ptr<Writer> writer_;
};

TEST_F(LogShipping, WhateverDiesMeanwhileTheLossOfThePlatformCostsASecondOfWritesAtMost) {
  ASSERT_TRUE(catches_up());
  kill_and_see_it_back("wal-shipper");
  kill_and_see_it_back("postgres");
  ASSERT_EQ(machine_.auterity({"restart", "database"}).exit_code, 0);
  EXPECT_TRUE(catches_up()) << "after a restart of PostgreSQL";

  // The backup location is away for a while, and what is written meanwhile waits at the server.
  fs::rename(location() / "wal", location() / "away");
  std::ofstream(location() / "wal") << "no folder";
  const std::size_t before = writer_->acknowledged();
  EXPECT_TRUE(machine_.eventually([&] {
    return string_or(find_member(shipping(), "state"), "") == "interrupted" &&
           writer_->acknowledged() > before + 100;
  })) << to_text(shipping());
  EXPECT_FALSE(string_or(find_member(shipping(), "failure"), "").empty());
  fs::remove(location() / "wal");
  fs::rename(location() / "away", location() / "wal");
  EXPECT_TRUE(catches_up()) << "after the backup location came back";
  EXPECT_TRUE(find_member(shipping(), "gap")->is_null());

  const Duration lost_at = destroy();
  const std::string rows =
      ask_restored(location(), key(), "SELECT count(*) || ' ' || max(n) FROM written");
  const std::size_t restored = std::stoul(rows);
  EXPECT_EQ(rows, fmt::format("{0} {0}", restored)) << "rows are missing in between";
  const std::size_t acknowledged = writer_->acknowledged();
  const auto lost = restored >= acknowledged ? Duration{} : lost_at - writer_->moment(restored + 1);
  std::printf("%zu of %zu acknowledged writes lost, the oldest %lld ms old\n",
              acknowledged - std::min(restored, acknowledged), acknowledged,
              static_cast<long long>(lost.count() / 1000));
  EXPECT_LE(lost, std::chrono::seconds(1));
}

}  // namespace
}  // namespace auterity::end_to_end
