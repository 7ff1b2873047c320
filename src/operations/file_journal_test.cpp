#include "operations/file_journal.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

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

}  // namespace
}  // namespace auterity::operations
