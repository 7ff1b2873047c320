#include "operations/journal/file_lock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "core/disk_files.h"

namespace auterity::operations {
namespace {

class StillClock final : public Clock {
 public:
  Time now() const override { return from_epoch_microseconds(1'700'000'000'000'000); }
  Duration monotonic() const override { return {}; }
  Async<void> sleep(Duration) override { co_return; }
};

class FileLockTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "auterity-lock-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  DiskFiles files_;
  StillClock clock_;
  std::filesystem::path folder_;
};

TEST_F(FileLockTest, KeepsASecondOneOutAndNamesTheHolder) {
  FileLock first(files_, clock_, folder_);
  ASSERT_TRUE(first.acquire("root@here pid 7", "up"));
  ASSERT_TRUE(first.renew("postgres"));
  FileLock second(files_, clock_, folder_);
  const auto refused = second.acquire("root@here pid 8", "up");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_EQ(
      refused.error().message,
      "up is running in this environment: root@here pid 7, since 2023-11-14T22:13:20Z, now at "
      "step postgres");
  ASSERT_TRUE(first.release());
  EXPECT_TRUE(second.acquire("root@here pid 8", "up"));
}

TEST_F(FileLockTest, SaysWithoutTakingItWhetherItIsFree) {
  FileLock first(files_, clock_, folder_);
  FileLock reader(files_, clock_, folder_);
  EXPECT_TRUE(reader.check_free());
  ASSERT_TRUE(first.acquire("root@here pid 7", "deploy"));
  const auto held = reader.check_free();
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().kind, ErrorKind::conflict);
  EXPECT_TRUE(held.error().message.starts_with("deploy is running in this environment"));
  ASSERT_TRUE(first.release());
  EXPECT_TRUE(reader.check_free());
}

TEST_F(FileLockTest, IsHeldExactlyWhileItsHolderLives) {
  FileLock reader(files_, clock_, folder_);
  EXPECT_FALSE(reader.is_held());
  {
    FileLock holder(files_, clock_, folder_);
    ASSERT_TRUE(holder.acquire("root@here pid 7", "up"));
    EXPECT_TRUE(reader.is_held());
  }
  EXPECT_FALSE(reader.is_held());
}

TEST_F(FileLockTest, WhoeverLostItFindsOutBeforeTheNextStep) {
  FileLock stopped(files_, clock_, folder_);
  ASSERT_TRUE(stopped.acquire("root@here pid 7", "deploy"));
  ASSERT_TRUE(stopped.renew("canary-10"));
  std::filesystem::remove(folder_ / "lock");
  EXPECT_EQ(stopped.renew("canary-50").error().message,
            "this deploy has lost the lock of its environment");
  FileLock next(files_, clock_, folder_);
  ASSERT_TRUE(next.acquire("root@here pid 8", "up"));
  EXPECT_EQ(stopped.renew("canary-50").error().message,
            "this deploy has lost the lock of its environment to up of root@here pid 8");
  ASSERT_TRUE(stopped.release());
  EXPECT_FALSE(next.peek()->released) << "another's lease is not its to mark";
  EXPECT_EQ(next.peek()->holder, "root@here pid 8");
}

TEST_F(FileLockTest, SaysThatAHolderDoesNotMove) {
  FileLock first(files_, clock_, folder_, std::chrono::seconds(-1));
  ASSERT_TRUE(first.acquire("root@here pid 7", "up"));
  const auto refused = FileLock(files_, clock_, folder_).acquire("root@here pid 8", "up");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().hint.contains("its lease ran out")) << refused.error().hint;
}

TEST(FlockTable, ListsHoldersByTheInodeOfTheirFile) {
  constexpr const char* kTable =
      "1: POSIX  ADVISORY  WRITE 812 fd:00:33 0 EOF\n"
      "2: FLOCK  ADVISORY  READ 815 fd:00:34 0 EOF\n"
      "3: FLOCK  ADVISORY  WRITE 4711 fd:00:1235 0 EOF\n";
  EXPECT_TRUE(holds_flock(kTable, 1235));
  EXPECT_FALSE(holds_flock(kTable, 235)) << "the end of another number";
  EXPECT_FALSE(holds_flock(kTable, 33)) << "not an flock";
  EXPECT_FALSE(holds_flock(kTable, 34)) << "shared";
  EXPECT_FALSE(holds_flock("", 1));
}

TEST_F(FileLockTest, TakesOverADeadHoldersLeaseWithAHigherTerm) {
  {
    FileLock dead(files_, clock_, folder_);
    ASSERT_EQ(dead.acquire("root@here pid 7", "up")->term, 1u);
  }
  FileLock next(files_, clock_, folder_);
  ASSERT_FALSE(next.peek()->released);
  EXPECT_EQ(next.acquire("root@here pid 8", "down")->term, 2u);
}

}  // namespace
}  // namespace auterity::operations
