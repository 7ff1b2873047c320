#include "operations/journal/file_journal.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "core/disk_files.h"

namespace auterity::operations {
namespace {

namespace fs = std::filesystem;

class FileJournalTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "auterity-journal-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::perms mode() const { return fs::status(folder_ / "one.jsonl").permissions(); }

  DiskFiles files_;
  fs::path folder_;
};

constexpr fs::perms kReadableByAll =
    fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read | fs::perms::others_read;

TEST_F(FileJournalTest, TheServicesUserReadsWhatRootHasDone) {
  FileJournal journal(files_, folder_);
  ASSERT_TRUE(journal.append("one", {.kind = RecordKind::started}));
  EXPECT_EQ(mode(), kReadableByAll);
}

TEST_F(FileJournalTest, MendingACutLineKeepsItReadable) {
  ASSERT_TRUE(files_.append_durably(folder_ / "one.jsonl", "{\"cut", 0600));
  FileJournal journal(files_, folder_);
  ASSERT_TRUE(journal.append("one", {.kind = RecordKind::started}));
  EXPECT_EQ(mode(), kReadableByAll);
}

Record started(const std::string& id, const std::string& kind) {
  return {.kind = RecordKind::started, .id = id, .plan = Plan{kind, "test", {}, {}}};
}

class BesideABrokenJournal : public FileJournalTest {
 protected:
  void SetUp() override {
    FileJournalTest::SetUp();
    journal_.emplace(files_, folder_);
    ASSERT_TRUE(journal().append("1-up", started("1-up", "up")));
    ASSERT_TRUE(journal().append("1-up", {.kind = RecordKind::finished, .text = "done"}));
  }
  // Its start can be read, and what follows cannot.
  void begin_broken(const std::string& id) {
    ASSERT_TRUE(journal().append(id, started(id, "deploy")));
    ASSERT_TRUE(files_.append_durably(folder_ / (id + ".jsonl"), "{\"record\":\"new\"}\n", 0644));
  }

  FileJournal& journal() { return *journal_; }

 private:
  std::optional<FileJournal> journal_;
};

TEST_F(BesideABrokenJournal, TheOthersAreFound) {
  begin_broken("0-deploy");
  EXPECT_EQ(find_operation(journal(), "latest")->id, "1-up");
  EXPECT_EQ(find_operation(journal(), "1-")->id, "1-up");
  const auto broken = find_operation(journal(), "0-");
  ASSERT_FALSE(broken);
  EXPECT_TRUE(broken.error().message.contains("0-deploy.jsonl")) << broken.error().message;
  const auto unfinished = find_unfinished(journal());
  ASSERT_TRUE(unfinished) << "something has ended since";
  EXPECT_FALSE(*unfinished);
}

TEST_F(BesideABrokenJournal, TheLatestIsNeverAnOlderOne) {
  begin_broken("2-deploy");
  EXPECT_FALSE(find_operation(journal(), "latest"));
  EXPECT_EQ(find_operation_id(journal(), "latest"), "2-deploy");
}

TEST_F(BesideABrokenJournal, NothingIsStartedOverOneThatMayBeUnfinished) {
  begin_broken("2-deploy");
  const auto unfinished = find_unfinished(journal());
  ASSERT_FALSE(unfinished);
  EXPECT_EQ(unfinished.error().kind, ErrorKind::conflict);
  EXPECT_TRUE(unfinished.error().hint.contains("operations abandon 2-deploy --reason"))
      << unfinished.error().hint;
}

TEST_F(BesideABrokenJournal, WhatWasGivenUpHasEnded) {
  begin_broken("2-deploy");
  ASSERT_TRUE(journal().append("2-deploy", {.kind = RecordKind::finished,
                                            .text = std::string(kAbandoned),
                                            .attribution = {"ada@sea", "its version is lost"}}));
  const auto given_up = find_operation(journal(), "latest");
  ASSERT_TRUE(given_up) << given_up.error().message;
  EXPECT_EQ(given_up->state_name(false), "abandoned");
  EXPECT_EQ(given_up->plan.operation, "deploy");
  EXPECT_EQ(given_up->continuations.back().by.why, "its version is lost");
  EXPECT_TRUE(given_up->failure.contains("unknown kind")) << given_up->failure;
  ASSERT_TRUE(find_unfinished(journal()));
  EXPECT_FALSE(*find_unfinished(journal()));
}

}  // namespace
}  // namespace auterity::operations
