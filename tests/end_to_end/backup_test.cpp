// Backups of a platform that is at work: taken, proven, damaged, cut off, pruned.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <thread>

#include "backup_platform.h"
#include "core/curl_http_client.h"
#include "start_load.h"

namespace auterity::end_to_end {
namespace {

constexpr std::string_view kWorkflow = R"({
  "document": {"dsl": "1.0.0", "namespace": "backups", "name": "sum", "version": "1.0.0"},
  "do": [{"add": {"set": {"twice": "${ .number * 2 }"}}}]})";

class Backup : public BackupPlatform {};

TEST_F(Backup, UnderLoadIsProvenToHoldTheRowsOfOneInstant) {
  const std::string token = machine_->token(url_);
  const auto created = machine_->send(
      {.method = "POST",
       .url = url_ + "/api/workflows",
       .headers = {{"authorization", "Bearer " + token}, {"content-type", "application/json"}},
       .body = std::string(kWorkflow)});
  ASSERT_TRUE(created);
  ASSERT_EQ(created->status, 201) << created->body;
  LoadOutcome outcome;
  std::thread load([&] {
    outcome = StartLoad({.url = url_,
                         .token = token,
                         .workflow_id = text_of(*parse_json(created->body), "id"),
                         .starts = 600,
                         .over = std::chrono::seconds(5)},
                        [](int) {})
                  .run();
  });
  const auto taken = machine_->auterity({"backup", "database", "--json"});
  load.join();
  ASSERT_EQ(taken.exit_code, 0) << taken.error_output;
  EXPECT_EQ(outcome.acknowledged, 600);
  EXPECT_TRUE(outcome.refused.empty());
  const auto document = parse_json(taken.output);
  ASSERT_TRUE(document);
  const std::string id = text_of(*find_member(*document, "backup"), "id");

  const Json shown = machine_->json({"backup", "show", id});
  EXPECT_EQ(text_of(shown, "state"), "proven");
  std::string verdicts;
  for (const Json& check : find_member(*find_member(shown, "verification"), "checks")->get_array())
    verdicts += text_of(check, "id") + " " + text_of(check, "verdict") + "\n";
  for (const std::string_view check :
       {"restore", "boot", "rows", "executions", "secrets", "pages", "schema-drift"})
    EXPECT_NE(verdicts.find(fmt::format("{} pass\n", check)), verdicts.npos) << verdicts;

  EXPECT_EQ(text_of(*find_member(machine_->status(), "last_backup"), "id"), id);
  const auto checked = machine_->auterity({"check"});
  EXPECT_NE(
      checked.output.find(fmt::format("the latest a backup of {}", text_of(shown, "taken_at"))),
      std::string::npos)
      << checked.output;
  const auto listed = machine_->send(
      {.url = url_ + "/api/backups", .headers = {{"authorization", "Bearer " + token}}});
  ASSERT_TRUE(listed);
  const auto page = parse_json(listed->body);
  ASSERT_TRUE(page);
  EXPECT_EQ(text_of(find_member(*page, "items")->get_array().at(0), "id"), id) << listed->body;
}

// Uploads and removes files until it is told to stop; a few dozen are there at any moment.
class FileTraffic {
 public:
  FileTraffic(std::string url, std::string token) : url_(std::move(url)), token_(std::move(token)) {
    thread_ = std::thread([this] { run(); });
  }
  ~FileTraffic() { stop(); }
  void stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  int uploaded() const { return uploaded_; }

 private:
  void run() {
    constexpr std::size_t kAlive = 30;
    harness::EventLoop loop;
    const auto http = make_curl_http_client(loop.executor(), {.user_agent = "files"});
    std::deque<std::string> alive;
    const auto send = [&](const std::string& method, const std::string& path) {
      auto answer = loop.run(http->send({.method = method,
                                         .url = url_ + path,
                                         .headers = {{"authorization", "Bearer " + token_}},
                                         .body = method == "POST" ? path : std::string()}));
      return answer ? answer->body : std::string();
    };
    for (int number = 0; !stopping_; ++number) {
      const auto file = parse_json(send("POST", "/api/files?name=file-" + std::to_string(number)));
      if (!file) continue;
      alive.push_back(text_of(*file, "id"));
      ++uploaded_;
      if (alive.size() <= kAlive) continue;
      send("DELETE", "/api/files/" + alive.front());
      alive.pop_front();
    }
  }

  std::string url_, token_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> uploaded_ = 0;
  std::thread thread_;
};

TEST_F(Backup, OfEverythingHasTheBytesOfEveryFileThatItsDatabaseShows) {
  FileTraffic traffic(url_, machine_->token(url_));
  ASSERT_TRUE(machine_->eventually([&] { return traffic.uploaded() > 40; }));
  const auto taken = machine_->auterity({"backup", "all"});
  traffic.stop();
  ASSERT_EQ(taken.exit_code, 0) << taken.error_output;
  const Json shown = machine_->json({"backup", "show", "latest"});
  EXPECT_EQ(text_of(shown, "state"), "proven");
  std::string references;
  for (const Json& check : find_member(*find_member(shown, "verification"), "checks")->get_array())
    if (text_of(check, "id") == "references") references = text_of(check, "evidence");
  EXPECT_TRUE(references.starts_with("the bytes of all ")) << references;
  EXPECT_EQ(references.find("all 0 files"), references.npos);

  // What is stored already is not stored again; what was held meanwhile is removed by the duty.
  ASSERT_EQ(machine_->auterity({"backup", "data"}).exit_code, 0);
  const Json again = machine_->json({"backup", "data"});
  ASSERT_EQ(text_of(*find_member(again, "backup"), "state"), "proven");
  const Json last = machine_->json({"backup", "show", "latest"});
  const Json& data = *find_member(*find_member(last, "manifest"), "data");
  EXPECT_GT(find_member(data, "uploads")->to_number<int>(), 0);
  EXPECT_EQ(find_member(data, "new_uploads")->to_number<int>(), 0);
}

TEST_F(Backup, ADamagedCopyOfAnUploadIsFoundAndDoesNotSpoilTheNextBackup) {
  upload_file();
  ASSERT_EQ(machine_->auterity({"backup", "data"}).exit_code, 0);
  for (const auto& copy : fs::directory_iterator(location() / "application-data/uploads")) {
    std::string bytes = content(copy);
    bytes.back() ^= 1;
    write(copy, bytes);
  }
  const auto found = machine_->auterity({"backup", "verify", "latest"});
  EXPECT_EQ(found.exit_code, 1);
  EXPECT_NE(found.error_output.find("files: "), std::string::npos) << found.error_output;
  EXPECT_EQ(text_of(list().front(), "state"), "refuted");
  const auto next = machine_->auterity({"backup", "data"});
  EXPECT_EQ(next.exit_code, 0) << next.error_output;
  EXPECT_EQ(text_of(list().front(), "state"), "proven");
}

TEST_F(Backup, ALogicalOneBringsRolesAndRowsToAClusterOfItsOwn) {
  const auto taken = machine_->auterity({"backup", "database", "--logical", "--json"});
  ASSERT_EQ(taken.exit_code, 0) << taken.error_output;
  const auto document = parse_json(taken.output);
  ASSERT_TRUE(document);
  const Json backup = *find_member(*document, "backup");
  EXPECT_EQ(text_of(backup, "kind"), "logical");
  EXPECT_EQ(text_of(backup, "state"), "proven");
  const Json shown = machine_->json({"backup", "show", text_of(backup, "id")});
  const Json& database = *find_member(*find_member(shown, "manifest"), "database");
  EXPECT_GT(find_member(database, "rows")->get_object().size(), 10u);
  EXPECT_EQ(text_of(database, "start_lsn"), "0/0");
  std::string verdicts;
  for (const Json& check : find_member(*find_member(shown, "verification"), "checks")->get_array())
    verdicts += text_of(check, "id") + " " + text_of(check, "verdict") + "\n";
  for (const std::string_view check : {"restore", "rows", "executions", "secrets", "schema-drift"})
    EXPECT_NE(verdicts.find(fmt::format("{} pass\n", check)), verdicts.npos) << verdicts;
  EXPECT_FALSE(fs::exists(machine_->state() / "verify"));
  // What passwords are checked by stands in the cluster and in sealed objects alone.
  for (const fs::path& folder :
       {machine_->state() / "logs", machine_->state() / "operations", location()})
    for (const auto& file : fs::recursive_directory_iterator(folder))
      if (file.is_regular_file())
        EXPECT_FALSE(content(file).contains("SCRAM-SHA-256$")) << file.path();
}

TEST_F(Backup, WhateverIsDamagedIsFoundBeforeUse) {
  const Json backup = take_unproven();
  const std::string id = text_of(backup, "id");
  const std::string stamp = text_of(backup, "stamp");
  EXPECT_EQ(state_of(stamp), "unproven");

  const fs::path base = object(backup, ".base.tar.zst");
  const std::string whole = content(base);
  std::string flipped = whole;
  flipped[flipped.size() / 2] ^= 1;
  write(base, flipped);
  const auto refuted = machine_->auterity({"backup", "verify", id});
  EXPECT_EQ(refuted.exit_code, 1) << refuted.error_output;
  EXPECT_NE(refuted.error_output.find("base.tar.zst"), std::string::npos) << refuted.error_output;
  EXPECT_EQ(state_of(stamp), "refuted");
  fs::remove(base);
  EXPECT_EQ(machine_->auterity({"backup", "verify", id}).exit_code, 1);
  EXPECT_EQ(state_of(stamp), "refuted");
  write(base, whole);

  const fs::path manifest = location() / "metadata" / ("database-" + stamp + ".json");
  const std::string text = content(manifest);
  write(manifest, text.substr(0, text.size() / 2));
  EXPECT_EQ(state_of(stamp), "damaged");
  const auto unreadable = machine_->auterity({"backup", "verify", stamp});
  EXPECT_EQ(unreadable.exit_code, 1);
  EXPECT_NE(unreadable.error_output.find("cut short"), std::string::npos)
      << unreadable.error_output;
  write(manifest, text);

  const fs::path other = machine_->home() / "keys/other.key";
  write(other, std::string(64, 'c') + "\n");
  ::chmod(other.c_str(), 0600);
  machine_->set_variable("AUTERITY_BACKUP_KEY_FILE", other);
  const auto refused = machine_->auterity({"backup", "verify", stamp});
  machine_->set_variable("AUTERITY_BACKUP_KEY_FILE", machine_->home() / "keys/backup.key");
  EXPECT_EQ(refused.exit_code, 3) << refused.error_output;
  EXPECT_NE(refused.error_output.find("sealed with backup key"), std::string::npos);
}

// No file may grow beyond four megabytes, as on a disk that is full: unpacking fails.
TEST_F(Backup, WhatThisMachineLacksRefutesNothing) {
  const Json backup = take_unproven();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 4u << 20;
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const pid_t pid = machine_->start_auterity({"backup", "verify", text_of(backup, "id")});
  const int code = Machine::wait_for(pid);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ::signal(SIGXFSZ, handler);
  EXPECT_EQ(code, facts(ErrorKind::storage_full).exit_code);
  EXPECT_EQ(state_of(text_of(backup, "stamp")), "unproven");
  EXPECT_FALSE(fs::exists(machine_->state() / "verify")) << "nothing stays of the copy";
}

TEST_F(Backup, ACopyWhoseVerificationDiesOrIsInterruptedGoes) {
  const std::string id = text_of(take_unproven(), "id");
  const fs::path copy = machine_->state() / "verify";
  std::string server;  // its process id
  const auto verify_until_booted = [&](int signal) {
    const pid_t pid = machine_->start_auterity({"backup", "verify", id});
    EXPECT_TRUE(machine_->eventually([&] {
      const std::string facts = content(copy / "data" / "postmaster.pid");
      server = facts.substr(0, facts.find('\n'));
      return facts.find('\n') != facts.npos;
    }));
    ::kill(pid, signal);
    return Machine::wait_for(pid);
  };
  const auto runs = [&] {
    return content("/proc/" + server + "/cmdline").find(copy.string()) != std::string::npos;
  };
  EXPECT_EQ(verify_until_booted(SIGKILL), 128 + SIGKILL);
  EXPECT_TRUE(runs());
  const auto undone = machine_->auterity({"operations", "undo", "latest"});
  EXPECT_EQ(undone.exit_code, 0) << undone.error_output;
  EXPECT_FALSE(fs::exists(copy));
  EXPECT_FALSE(runs());

  EXPECT_NE(verify_until_booted(SIGINT), 0);
  EXPECT_FALSE(fs::exists(copy));
  EXPECT_FALSE(runs());
}

TEST_F(Backup, OneWhoseProcessDiesCountsForNothingAndIsGoneOnWithOrTakenBack) {
  const std::size_t before = list().size();
  take_and_kill();
  EXPECT_EQ(list().size(), before);
  const auto resumed = machine_->auterity({"operations", "resume", "latest"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.error_output;
  EXPECT_EQ(published(), before + 1);
  EXPECT_EQ(list().size(), before + 1);

  take_and_kill();
  const auto undone = machine_->auterity({"operations", "undo", "latest"});
  EXPECT_EQ(undone.exit_code, 0) << undone.error_output;
  EXPECT_EQ(list().size(), before + 1);
  // Three objects of each backup that is listed, and nothing else.
  std::size_t objects = 0;
  for (const Json& row : list())
    for (const auto& entry : fs::directory_iterator(location() / "database"))
      objects += entry.path().string().find(text_of(row, "stamp")) != std::string::npos ? 1 : 0;
  const auto files =
      std::distance(fs::directory_iterator(location() / "database"), fs::directory_iterator());
  EXPECT_EQ(objects, static_cast<std::size_t>(files));
}

TEST_F(Backup, OfTwoAtOnceTheSecondIsToldWhoIsAtWork) {
  const std::string file = machine_->state() / "operations/lock";
  const int lock = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(lock, 0);
  ASSERT_EQ(::flock(lock, LOCK_EX), 0);
  EXPECT_EQ(machine_->auterity({"backup", "database"}).exit_code, 5);
  ::close(lock);
}

TEST_F(Backup, PruningShowsItsPlanAndNeverTakesTheLastProven) {
  const auto taken = machine_->auterity({"backup", "database", "--json"});
  ASSERT_EQ(taken.exit_code, 0) << taken.error_output;
  const auto document = parse_json(taken.output);
  ASSERT_TRUE(document);
  const std::string proven = text_of(*find_member(*document, "backup"), "stamp");
  ASSERT_EQ(state_of(proven), "proven");
  for (int i = 0; i < 4; ++i) take_unproven();
  const std::string newest = text_of(take_unproven(), "stamp");
  ASSERT_EQ(text_of(list().front(), "stamp"), newest) << "also among those of one second";
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"DAILY", "1"}, {"WEEKLY", "0"}, {"MONTHLY", "0"}})
    machine_->set_variable("AUTERITY_BACKUP_RETENTION_" + name, value);
  machine_->set_variable("AUTERITY_BACKUP_KEEP_MINIMUM", "1");
  const auto refused = machine_->auterity({"backup", "prune"});
  EXPECT_EQ(refused.exit_code, 5) << refused.error_output;
  EXPECT_NE(refused.error_output.find("more than half"), std::string::npos);
  const Json shown = machine_->json({"backup", "show", proven});
  const Json& database = *find_member(*find_member(shown, "manifest"), "database");
  const fs::path needed = archived_log(database, 0);
  const fs::path older = archived_log(database, 1);
  const std::size_t before = list().size();
  const auto plan = machine_->auterity({"backup", "prune", "--plan", "--allow-removing-most"});
  EXPECT_EQ(plan.exit_code, 0) << plan.error_output;
  EXPECT_EQ(list().size(), before) << "a plan removes nothing";
  const auto pruned = machine_->auterity({"backup", "prune", "--allow-removing-most"});
  EXPECT_EQ(pruned.exit_code, 0) << pruned.error_output;
  EXPECT_EQ(state_of(newest), "unproven");
  EXPECT_EQ(state_of(proven), "proven");
  const JsonArray left = list();
  EXPECT_EQ(published(), left.size());
  EXPECT_EQ(std::ranges::count_if(
                left, [](const Json& row) { return text_of(row, "kind") == "database"; }),
            2);
  EXPECT_FALSE(fs::exists(older)) << "no backup needs it";
  EXPECT_TRUE(fs::exists(needed));
}

}  // namespace
}  // namespace auterity::end_to_end
