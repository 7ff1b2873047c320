// What can go wrong with backups, each found before use and answered with a clear error, and
// nothing lost. In CI some places; AUTERITY_BACKUP_FLIPS=N flips N bytes of each object,
// CRASH_STRIDE=1 kills at each step.
#include <sys/mount.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <random>

#include "backup_platform.h"

namespace auterity::end_to_end {
namespace {

int number_given(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::max(1, std::atoi(text));
}

// A disk of its own that can be full.
class SmallDisk {
 public:
  SmallDisk(fs::path folder, const std::string& limits) : folder_(std::move(folder)) {
    fs::create_directories(folder_);
    mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, limits.c_str()) == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  bool is_mounted() const { return mounted_; }
  void limit(const std::string& limits) {
    EXPECT_EQ(::mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT, limits.c_str()), 0);
  }

 private:
  fs::path folder_;
  bool mounted_ = false;
};

class BackupFaults : public BackupPlatform {
 protected:
  void TearDown() override {
    if (machine_ == nullptr) return;
    EXPECT_FALSE(fs::exists(machine_->state() / "verify")) << "a copy is left";
    EXPECT_TRUE(machine_->processes("/verify/").empty()) << "a copy runs";
  }

  // Everything that the backup consists of besides what stands in metadata/.
  static std::vector<fs::path> objects_of(const Json& backup) {
    std::vector<fs::path> objects;
    const bool has_uploads = text_of(backup, "kind") == "data";
    for (const auto& entry : fs::recursive_directory_iterator(location())) {
      const std::string path = entry.path();
      if (!entry.is_regular_file() || path.contains("/metadata/")) continue;
      if (path.contains(text_of(backup, "stamp")) || (has_uploads && path.contains("/uploads/")))
        objects.push_back(entry);
    }
    return objects;
  }

  void expect_refuted(const Json& backup, const std::string& how) {
    const auto refuted = machine_->auterity({"backup", "verify", text_of(backup, "id")});
    EXPECT_EQ(refuted.exit_code, 1) << how << ": " << refuted.output;
    EXPECT_TRUE(refuted.error_output.contains("does not hold what it should"))
        << how << ": " << refuted.error_output;
    EXPECT_TRUE(refuted.error_output.contains("hint: ")) << how;
  }
  void expect_proven(const Json& backup) {
    const auto proven = machine_->auterity({"backup", "verify", text_of(backup, "id")});
    EXPECT_EQ(proven.exit_code, 0) << proven.error_output;
    EXPECT_EQ(state_of(text_of(backup, "stamp")), "proven");
  }

  void find_every_flip(const Json& backup) {
    const int flips = number_given("AUTERITY_BACKUP_FLIPS", 1);
    std::mt19937_64 random(7);
    const auto objects = objects_of(backup);
    ASSERT_GE(objects.size(), 2u);
    for (const fs::path& object : objects) {
      const std::string whole = content(object);
      std::vector<std::size_t> places{whole.size() - 1};
      for (int i = 0; i < flips; ++i) places.push_back(random() % whole.size());
      for (const std::size_t place : places) {
        std::string flipped = whole;
        flipped[place] = static_cast<char>(flipped[place] ^ (1 << random() % 8));
        write(object, flipped);
        expect_refuted(backup, fmt::format("byte {} of {}", place, object.filename().string()));
      }
      fs::remove(object);
      expect_refuted(backup, object.filename().string() + " is missing");
      write(object, whole);
    }
    expect_proven(backup);
  }

  bool recorded(const fs::path& before, const std::string& record, const std::string& step) {
    const fs::path newest = journal();
    if (newest == before) return false;
    std::ifstream in(newest);
    for (std::string line; std::getline(in, line);)
      if (line.contains("\"record\":\"" + record + "\"") &&
          line.contains("\"step\":\"" + step + "\""))
        return true;
    return false;
  }
  // Starts it and kills it as soon as it has come so far.
  void kill_once(std::vector<std::string> command, const std::function<bool()>& has_come) {
    const pid_t program = machine_->start_auterity(std::move(command));
    EXPECT_TRUE(machine_->eventually(has_come, 60));
    ::kill(program, SIGKILL);
    const int ended = Machine::wait_for(program);
    EXPECT_TRUE(ended == 128 + SIGKILL || ended == 0) << ended;
  }
  // Goes on with what was killed, or takes it back; whether it is there then.
  bool mend(bool on) {
    const auto mended = machine_->auterity({"operations", on ? "resume" : "undo", "latest"});
    const bool had_ended = mended.error_output.contains("has ended: done") ||
                           mended.error_output.contains("is done, and none of its steps");
    EXPECT_TRUE(mended.exit_code == 0 || had_ended) << mended.error_output;
    return on || had_ended;
  }
  // No object belongs to a backup that is not listed.
  void expect_no_leftovers() {
    std::string stamps;
    for (const Json& row : list()) stamps += text_of(row, "stamp") + "\n";
    for (const auto& entry : fs::directory_iterator(location() / "database")) {
      const std::string name = entry.path().filename();
      const std::string begin = "auterity-db-development-";
      EXPECT_TRUE(stamps.contains(name.substr(begin.size(), name.find('.') - begin.size())))
          << name;
    }
    EXPECT_EQ(published(), list().size());
  }
  void kill_at_each(const std::vector<std::string>& command, const std::vector<std::string>& steps,
                    const std::function<void(bool there)>& look) {
    const int stride = number_given("CRASH_STRIDE", 2);
    bool on = false;
    for (std::size_t place = 0; place < 2 * steps.size();
         place += static_cast<std::size_t>(stride)) {
      const std::string record = place % 2 == 0 ? "began" : "done";
      SCOPED_TRACE(testing::Message() << "killed at " << record << " of " << steps[place / 2]);
      const fs::path before = journal();
      kill_once(command, [&] { return recorded(before, record, steps[place / 2]); });
      on = !on;
      look(mend(on));
      expect_no_leftovers();
      if (HasFailure()) return;
    }
  }
};

TEST_F(BackupFaults, WithoutAnyBackupEachCommandSaysSo) {
  const auto verified = machine_->auterity({"backup", "verify", "latest"});
  EXPECT_EQ(verified.exit_code, facts(ErrorKind::not_found).exit_code) << verified.error_output;
  EXPECT_TRUE(verified.error_output.contains("auterity backup")) << verified.error_output;
  EXPECT_EQ(machine_->auterity({"backup", "show", "latest"}).exit_code,
            facts(ErrorKind::not_found).exit_code);
  const auto pruned = machine_->auterity({"backup", "prune"});
  EXPECT_EQ(pruned.exit_code, 0) << pruned.error_output;
  EXPECT_TRUE(pruned.output.contains("nothing to remove")) << pruned.output;
}

TEST_F(BackupFaults, AnyFlippedByteAndAnyMissingObjectOfADatabaseIsFound) {
  find_every_flip(take({"database"}));
}

TEST_F(BackupFaults, AnyFlippedByteAndAnyMissingObjectOfADumpIsFound) {
  find_every_flip(take({"database", "--logical"}));
}

TEST_F(BackupFaults, AnyFlippedByteAndAnyMissingObjectOfFilesIsFound) {
  upload_file();
  find_every_flip(take({"data"}));
}

TEST_F(BackupFaults, AnObjectOfAnotherBackupAndAManifestOfAnotherEnvironmentAreTold) {
  const Json one = take({"database"});
  const Json other = take({"database"});
  const fs::path base = object(one, ".base.tar.zst");
  const std::string whole = content(base);
  write(base, content(object(other, ".base.tar.zst")));
  expect_refuted(one, "the base of another backup");
  write(base, whole);

  const fs::path strange = location().parent_path() / "staging";
  fs::create_directories(strange / "metadata");
  const std::string manifest = "metadata/database-" + text_of(one, "stamp") + ".json";
  write(strange / manifest, content(location() / manifest));
  const auto listed = machine_->auterity({"backup", "list", "-e", "staging"});
  EXPECT_TRUE(listed.output.contains("damaged")) << listed.output << listed.error_output;
  EXPECT_TRUE(listed.output.contains("environment development")) << listed.output;
  fs::remove_all(strange);
}

TEST_F(BackupFaults, ADiskThatIsFullEndsABackupAndNothingOfItIsLeft) {
  const fs::path folder = machine_->home() / "small";
  SmallDisk disk(folder, "size=1m");
  if (!disk.is_mounted()) GTEST_SKIP() << "a disk of its own needs the right to mount";
  machine_->set_variable("AUTERITY_BACKUP_LOCATION", folder);
  const auto run = [] { return machine_->auterity({"backup", "database", "--no-verify"}); };
  const auto objects = [&] {
    std::ptrdiff_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      count += entry.is_regular_file() ? 1 : 0;
    return count;
  };
  const auto foreseen = run();
  EXPECT_EQ(foreseen.exit_code, facts(ErrorKind::storage_full).exit_code) << foreseen.error_output;
  EXPECT_TRUE(foreseen.error_output.contains("hint: ")) << foreseen.error_output;
  EXPECT_EQ(objects(), 0);
  // Room for the bytes, as far as anybody can tell, and for a few files.
  disk.limit("size=512m,nr_inodes=8");
  const auto met = run();
  EXPECT_EQ(met.exit_code, facts(ErrorKind::storage_full).exit_code) << met.error_output;
  EXPECT_TRUE(met.error_output.contains("hint: ")) << met.error_output;
  EXPECT_EQ(objects(), 0);
  disk.limit("size=512m,nr_inodes=1000");
  const auto taken = run();
  EXPECT_EQ(taken.exit_code, 0) << taken.error_output;
  EXPECT_EQ(list().size(), 1u);
  machine_->set_variable("AUTERITY_BACKUP_LOCATION", "");
}

TEST_F(BackupFaults, ABackupKilledAtEachStepIsGoneOnWithOrTakenBack) {
  std::size_t there = list().size();
  const auto look = [&](bool added) {
    there += added ? 1 : 0;
    EXPECT_EQ(list().size(), there);
  };
  kill_at_each({"backup", "database", "--no-verify"}, {"room", "take", "publish"}, look);
  // In the middle of a step: some objects are stored, and no manifest.
  const auto stored = [] {
    return std::distance(fs::directory_iterator(location() / "database"), fs::directory_iterator());
  };
  const auto before = stored();
  kill_once({"backup", "database", "--no-verify"}, [&] { return stored() > before; });
  look(mend(false));
  expect_no_leftovers();
}

TEST_F(BackupFaults, AVerificationKilledAtEachStepLeavesNoCopyAndNoFalseProof) {
  const Json backup = take({"database"});
  const std::string id = text_of(backup, "id");
  const fs::path copy = machine_->state() / "verify";
  const auto look = [&](bool) {
    EXPECT_FALSE(fs::exists(copy));
    const std::string state = state_of(text_of(backup, "stamp"));
    EXPECT_TRUE(state == "proven" || state == "unproven") << state;
  };
  kill_at_each({"backup", "verify", id}, {"prove", "publish"}, look);
  kill_once({"backup", "verify", id}, [&] { return fs::exists(copy / "data/base"); });
  look(mend(false));
  expect_proven(backup);
}

TEST_F(BackupFaults, PostgresqlKilledMeanwhileEndsABackupThatNeverCounts) {
  const std::string token = machine_->token(url_);
  const std::size_t before = list().size();
  const fs::path newest = journal();
  const pid_t program = machine_->start_auterity({"backup", "database", "--no-verify"});
  EXPECT_TRUE(machine_->eventually([&] { return recorded(newest, "began", "take"); }));
  const pid_t server = machine_->pid_of("postgres");
  ::kill(server, SIGKILL);
  const int ended = Machine::wait_for(program);
  // Another server, which answers.
  EXPECT_TRUE(machine_->eventually(
      [&] {
        const pid_t now = machine_->pid_of("postgres");
        if (now == 0 || now == server) return false;
        const auto answer = machine_->send(
            {.url = url_ + "/api/workflows", .headers = {{"authorization", "Bearer " + token}}});
        return answer && answer->status == 200;
      },
      60));
  EXPECT_EQ(list().size(), before + (ended == 0 ? 1 : 0));
  expect_no_leftovers();
  expect_proven(take({"database"}));
}

}  // namespace
}  // namespace auterity::end_to_end
