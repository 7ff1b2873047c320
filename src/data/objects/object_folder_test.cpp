// What only a folder has: processes that die, processes that compete, and disks that are full.
#include "data/objects/object_folder.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "harness/throwaway_folder.h"

namespace auterity::data {
namespace {

namespace fs = std::filesystem;

class ObjectFolderTest : public testing::Test {
 protected:
  Status put(ObjectFolder& folder, const std::string& key, const std::string& content,
             const WriteCondition& condition = {}) {
    AUTERITY_TRY(upload, folder.begin_upload());
    AUTERITY_CHECK(upload.append(content));
    AUTERITY_CHECK(folder.publish(std::move(upload), key, condition));
    return {};
  }
  std::string get(const ObjectFolder& folder, const std::string& key) {
    const auto object = folder.open(key);
    return object ? ObjectFolder::read(object->file, object->info.size).value_or("unreadable")
                  : "absent";
  }
  // How many files stand under the folder for uploads.
  std::size_t uploads(const fs::path& root) const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(root / "@uploads")) ++count;
    return count;
  }
  static pid_t in_child(const std::function<int()>& work) {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(work());
    return pid;
  }
  static int exit_code(pid_t pid) {
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  harness::ThrowawayFolder place_{"objects"};
};

TEST_F(ObjectFolderTest, WhatADeadProcessLeftIsRemovedAndALivingOnesStays) {
  ObjectFolder living(place_.path());
  auto mine = living.begin_upload().value();
  EXPECT_EQ(exit_code(in_child([&]() -> int {
              ObjectFolder folder(place_.path());
              auto upload = folder.begin_upload().value();
              const bool written = upload.append("half").has_value();
              ::_exit(written ? 0 : 1);  // without destructors, as if killed
            })),
            0);
  EXPECT_EQ(uploads(place_.path()), 2u);
  ObjectFolder next(place_.path());
  ASSERT_TRUE(put(next, "key", "x"));
  EXPECT_EQ(uploads(place_.path()), 1u);
  ASSERT_TRUE(mine.append("whole"));
  ASSERT_TRUE(living.publish(std::move(mine), "mine", {}));
  EXPECT_EQ(get(next, "mine"), "whole");
  EXPECT_EQ(uploads(place_.path()), 0u);
}

TEST_F(ObjectFolderTest, OfCompetingProcessesOneCreates) {
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    children.push_back(in_child([&] {
      ObjectFolder folder(place_.path());
      const auto created =
          put(folder, "a/lock", std::to_string(::getpid()), {.only_if_absent = true});
      if (created) return 0;
      return created.error().kind == ErrorKind::conflict ? 1 : 2;
    }));
  }
  std::vector<int> codes;
  std::string winner;
  for (const pid_t child : children) {
    codes.push_back(exit_code(child));
    if (codes.back() == 0) winner = std::to_string(child);
  }
  EXPECT_EQ(std::ranges::count(codes, 0), 1);
  EXPECT_EQ(std::ranges::count(codes, 1), 7);
  EXPECT_EQ(get(ObjectFolder(place_.path()), "a/lock"), winner);
}

TEST_F(ObjectFolderTest, CompetingProcessesLoseNoIncrement) {
  constexpr int kProcesses = 4;
  constexpr int kIncrements = 25;
  ObjectFolder folder(place_.path());
  ASSERT_TRUE(put(folder, "counter", "0"));
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    children.push_back(in_child([&] {
      ObjectFolder own(place_.path());
      for (int done = 0; done < kIncrements;) {
        const auto object = own.open("counter").value();
        const int value = std::stoi(ObjectFolder::read(object.file, 100).value());
        if (put(own, "counter", std::to_string(value + 1), {.only_if_etag = object.info.etag}))
          ++done;
      }
      return 0;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(exit_code(child), 0);
  EXPECT_EQ(get(folder, "counter"), std::to_string(kProcesses * kIncrements));
}

TEST_F(ObjectFolderTest, SymbolicLinksAreNoObjects) {
  fs::create_symlink("/etc/passwd", place_.path() / "link");
  const ObjectFolder folder(place_.path());
  EXPECT_EQ(folder.open("link").error().kind, ErrorKind::not_found);
  EXPECT_TRUE(folder.list("", "", 10).value().empty());
}

TEST_F(ObjectFolderTest, AMissingFolderIsAnError) {
  ObjectFolder folder(place_.path() / "nowhere");
  EXPECT_FALSE(folder.begin_upload());
  EXPECT_FALSE(folder.list("", "", 10));
}

TEST_F(ObjectFolderTest, TheLimitOfAFilesSizeIsStorageFull) {
  ObjectFolder folder(place_.path());
  ASSERT_TRUE(put(folder, "key", "old"));
  const auto before = ::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit small{1 << 20, limit.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto outcome = put(folder, "key", std::string(2 << 20, 'x'));
  ::setrlimit(RLIMIT_FSIZE, &limit);
  ::signal(SIGXFSZ, before);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::storage_full);
  EXPECT_EQ(get(folder, "key"), "old");
  EXPECT_EQ(uploads(place_.path()), 0u);
}

TEST_F(ObjectFolderTest, AFullDiskIsStorageFullAndLosesNothing) {
  const auto disk = place_.path() / "disk";
  fs::create_directory(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=1m") != 0)
    GTEST_SKIP() << "a small disk cannot be mounted here: " << std::strerror(errno);
  {
    ObjectFolder folder(disk);
    EXPECT_TRUE(put(folder, "key", "old"));
    const auto outcome = put(folder, "key", std::string(2 << 20, 'x'));
    EXPECT_FALSE(outcome);
    if (!outcome) EXPECT_EQ(outcome.error().kind, ErrorKind::storage_full);
    EXPECT_EQ(get(folder, "key"), "old");
    EXPECT_EQ(uploads(disk), 0u);
    // Full to the last byte: removing must still work, and make room.
    int fillers = 0;
    while (put(folder, "fill/" + std::to_string(fillers), std::string(4096, 'x'))) ++fillers;
    EXPECT_GT(fillers, 0);
    for (int i = 0; i < fillers; ++i) EXPECT_TRUE(folder.remove("fill/" + std::to_string(i)));
    EXPECT_TRUE(put(folder, "key", "new"));
    EXPECT_EQ(get(folder, "key"), "new");
  }
  ::umount(disk.c_str());
}

}  // namespace
}  // namespace auterity::data
