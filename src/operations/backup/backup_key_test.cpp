#include "operations/backup/backup_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/disk_files.h"
#include "data/objects/sealing.h"
#include "harness/throwaway_folder.h"

namespace auterity::operations {
namespace {

class BackupKeyTest : public testing::Test {
 protected:
  BackupKeyTest()
      : place_{(folder_.path() / "backups").string(), (folder_.path() / "keys/a.key").string()} {}
  Status create() { return create_backup_key(files_, random_, place_, "staging"); }
  void store(const std::string& name, const std::string& content) {
    const auto path = folder_.path() / "backups/staging" / name;
    ASSERT_TRUE(files_.create_directories(path.parent_path()));
    ASSERT_TRUE(files_.write_atomically(path, content));
  }

  harness::ThrowawayFolder folder_{"key"};
  DiskFiles disk_;
  Files& files_ = disk_;
  SystemRandom random_;
  local::BackupPlace place_;
};

TEST_F(BackupKeyTest, IsMadeOnceAndReadByItsOwnerAlone) {
  ASSERT_TRUE(create());
  struct stat facts{};
  ASSERT_EQ(::stat(place_.key_file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777, 0600u);
  const auto first = load_backup_key(files_, place_.key_file);
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(create());
  EXPECT_EQ(load_backup_key(files_, place_.key_file)->id(), first->id());
}

TEST_F(BackupKeyTest, IsRefusedWhenOthersMayReadIt) {
  ASSERT_TRUE(create());
  for (const mode_t mode : {0640, 0604, 0620}) {
    ASSERT_EQ(::chmod(place_.key_file.c_str(), mode), 0);
    const auto key = load_backup_key(files_, place_.key_file);
    ASSERT_FALSE(key) << mode;
    EXPECT_EQ(key.error().kind, ErrorKind::forbidden);
    EXPECT_EQ(create().error().kind, ErrorKind::forbidden);
  }
}

TEST_F(BackupKeyTest, SaysWhatToDoWhenItIsMissingOrBroken) {
  const auto missing = load_backup_key(files_, place_.key_file);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_ready);
  EXPECT_NE(missing.error().hint.find("copy"), std::string::npos);
  ASSERT_TRUE(create());
  ASSERT_TRUE(files_.write_atomically(place_.key_file, "half a ke", 0600));
  EXPECT_EQ(load_backup_key(files_, place_.key_file).error().kind, ErrorKind::invalid_input);
  EXPECT_FALSE(create()) << "what is there is not replaced";
  EXPECT_EQ(files_.read(place_.key_file).value(), "half a ke");
}

TEST_F(BackupKeyTest, NoNewOneIsMadeBesideBackupsOfALostOne) {
  store("wal/0001", "not sealed, of another program");
  ASSERT_TRUE(create()) << "nothing there needs a key";
  ASSERT_TRUE(files_.remove_tree(folder_.path() / "keys"));
  data::Sealer sealer(data::SealingKey::draw(random_), "wal/0002", data::Compression::none);
  std::string sealed;
  ASSERT_TRUE(sealer.finish(sealed));
  store("wal/0002", sealed);
  const auto created = create();
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().kind, ErrorKind::not_ready);
  EXPECT_FALSE(files_.exists(place_.key_file));
}

}  // namespace
}  // namespace auterity::operations
