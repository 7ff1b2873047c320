#pragma once
// A platform that backups are taken of, with a backup key of its own, and looks into what lies in
// its backup location.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "data/postgres/lsn.h"
#include "harness/loopback_port.h"
#include "machine.h"

namespace auterity::end_to_end {

namespace fs = std::filesystem;

inline std::string text_of(const Json& value, std::string_view member) {
  return std::string(string_or(find_member(value, member), ""));
}

inline std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// One platform for all tests of a suite.
class BackupPlatform : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!why_no_platform().empty()) return;
    machine_ = std::make_unique<Machine>();
    const fs::path key = machine_->home() / "keys/backup.key";
    fs::create_directories(key.parent_path());
    write(key, std::string(64, 'b') + "\n");
    ::chmod(key.c_str(), 0600);
    machine_->set_variable("AUTERITY_BACKUP_KEY_FILE", key);
    const std::string port = std::to_string(harness::find_free_loopback_port());
    url_ = "http://127.0.0.1:" + port;
    const auto up = machine_->auterity({"up", "--port", port, "--replicas", "1"});
    ASSERT_EQ(up.exit_code, 0) << up.error_output;
    const auto none = machine_->auterity({"backup", "list"});
    EXPECT_NE(none.error_output.find("take one: auterity backup database"), std::string::npos);
  }
  static void TearDownTestSuite() { machine_.reset(); }
  void SetUp() override {
    AUTERITY_NEEDS_PLATFORM();
    ASSERT_NE(machine_, nullptr);
  }

  // Takes one, unproven, and answers what is known of it.
  static Json take(std::vector<std::string> what) {
    what.insert(what.begin(), "backup");
    what.insert(what.end(), {"--no-verify", "--json"});
    const auto taken = machine_->auterity(std::move(what));
    EXPECT_EQ(taken.exit_code, 0) << taken.error_output;
    const auto document = parse_json(taken.output);
    const Json* const backup = document ? find_member(*document, "backup") : nullptr;
    return backup == nullptr ? Json(JsonObject{}) : *backup;
  }
  static Json take_unproven() { return take({"database"}); }
  // Something for backups of files to hold.
  static void upload_file() {
    const auto uploaded =
        machine_->send({.method = "POST",
                        .url = url_ + "/api/files?name=kept",
                        .headers = {{"authorization", "Bearer " + machine_->token(url_)}},
                        .body = "kept"});
    ASSERT_TRUE(uploaded);
    ASSERT_EQ(uploaded->status, 201) << uploaded->body;
  }
  JsonArray list() {
    const Json rows = machine_->json({"backup", "list"});
    return rows.is_array() ? rows.get_array() : JsonArray{};
  }
  std::string state_of(const std::string& stamp) {
    for (const Json& row : list())
      if (text_of(row, "stamp") == stamp) return text_of(row, "state");
    return "";
  }
  static fs::path location() { return machine_->home() / "backups/development"; }
  // How many backups those see who lack the backup key; `backup list` makes it anew.
  static std::size_t published() {
    const auto summary = parse_json(content(machine_->state() / "operations/backups.json"));
    return summary ? find_member(*summary, "backups")->get_array().size() : 0;
  }
  // The archived log's object of the segment that the place "0/5000028" of the backup lies in, or
  // that many segments before; made when it is not there.
  static fs::path archived_log(const Json& database, std::uint64_t back) {
    const auto lsn = data::Lsn::parse(text_of(database, "start_lsn"));
    EXPECT_TRUE(lsn);
    const data::Lsn place(lsn.value_or(data::Lsn()).value() - back * data::kWalSegmentBytes);
    const fs::path folder = location() / "wal" / text_of(database, "system_id") / "00000001";
    fs::create_directories(folder);
    fs::path object = folder / data::segment_name(1, place);
    if (!fs::exists(object)) write(object, "log");
    return object;
  }
  // The object of the backup whose name ends so.
  static fs::path object(const Json& backup, std::string_view end) {
    for (const auto& entry : fs::directory_iterator(location() / "database")) {
      const std::string name = entry.path().filename();
      if (name.find(text_of(backup, "stamp")) != name.npos && name.ends_with(end)) return entry;
    }
    return {};
  }
  // Of the newest operation.
  static fs::path journal() {
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(machine_->state() / "operations"))
      if (entry.path().extension() == ".jsonl" && entry.path().filename() > newest.filename())
        newest = entry.path();
    return newest;
  }
  // A backup whose process dies while it is taken.
  void take_and_kill() {
    const fs::path before = journal();
    const pid_t pid = machine_->start_auterity({"backup", "database", "--no-verify"});
    EXPECT_TRUE(machine_->eventually([&] {
      return journal() != before && content(journal()).find("applying") != std::string::npos;
    }));
    ::kill(pid, SIGKILL);
    EXPECT_EQ(Machine::wait_for(pid), 128 + SIGKILL);
  }

  static inline std::unique_ptr<Machine> machine_;
  static inline std::string url_;
};

}  // namespace auterity::end_to_end
