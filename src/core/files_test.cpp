#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/disk_files.h"
#include "core/memory_files.h"

namespace auterity {
namespace {

namespace fs = std::filesystem;

// One contract for the disk and for memory.
template <typename Implementation>
class FilesContract : public ::testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/files-XXXXXX";
    folder_ = ::mkdtemp(pattern);
    ASSERT_TRUE(files_.create_directories(folder_, 0755));
  }
  void TearDown() override { DiskFiles().remove_tree(folder_); }

  Files& files() { return files_; }
  Implementation files_;
  fs::path folder_;
};
using Implementations = ::testing::Types<DiskFiles, MemoryFiles>;
TYPED_TEST_SUITE(FilesContract, Implementations);

TYPED_TEST(FilesContract, WritesReplaceAndAppendsAdd) {
  Files& files = this->files();
  const fs::path path = this->folder_ / "a.txt";
  ASSERT_TRUE(files.write_atomically(path, "one"));
  ASSERT_TRUE(files.write_atomically(path, "two"));
  ASSERT_TRUE(files.append_durably(path, "+three"));
  EXPECT_EQ(*files.read(path), "two+three");
  EXPECT_EQ(*files.list(this->folder_), std::vector<std::string>{"a.txt"});
}

TYPED_TEST(FilesContract, ErrorsSayWhatIsMissing) {
  Files& files = this->files();
  EXPECT_EQ(files.read(this->folder_ / "none").error().kind, ErrorKind::not_found);
  EXPECT_EQ(files.write_atomically(this->folder_ / "none" / "a", "x").error().kind,
            ErrorKind::not_found);
  EXPECT_EQ(files.list(this->folder_ / "none").error().kind, ErrorKind::not_found);
  ASSERT_TRUE(files.write_atomically(this->folder_ / "big", "12345"));
  EXPECT_EQ(files.read(this->folder_ / "big", 4).error().kind, ErrorKind::too_large);
}

TYPED_TEST(FilesContract, FoldersAreMadeWithTheirParentsAndRemovedWhole) {
  Files& files = this->files();
  ASSERT_TRUE(files.create_directories(this->folder_ / "x" / "y"));
  ASSERT_TRUE(files.create_directories(this->folder_ / "x" / "y"));
  ASSERT_TRUE(files.write_atomically(this->folder_ / "x" / "y" / "f", "1"));
  EXPECT_EQ(*files.list(this->folder_ / "x"), std::vector<std::string>{"y"});
  ASSERT_TRUE(files.remove_tree(this->folder_ / "x"));
  EXPECT_FALSE(files.exists(this->folder_ / "x"));
  EXPECT_FALSE(files.exists(this->folder_ / "x" / "y" / "f"));
  EXPECT_TRUE(files.remove_tree(this->folder_ / "x"));
}

TEST(DiskFiles, KeepsTheModeWhateverTheMask) {
  char pattern[] = "/tmp/files-XXXXXX";
  const fs::path folder = ::mkdtemp(pattern);
  DiskFiles files;
  const mode_t before = ::umask(0077);
  ASSERT_TRUE(files.write_atomically(folder / "a", "x", 0640));
  ::umask(before);
  struct stat facts{};
  ASSERT_EQ(::stat((folder / "a").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0640u);
  files.remove_tree(folder);
}

TEST(MemoryFiles, RunsFull) {
  MemoryFiles files;
  files.capacity = 5;
  ASSERT_TRUE(files.write_atomically("/a", "12345", 0644));
  EXPECT_EQ(files.append_durably("/a", "6", 0600).error().kind, ErrorKind::storage_full);
  EXPECT_EQ(*files.read("/a", 100), "12345");
}

}  // namespace
}  // namespace auterity
