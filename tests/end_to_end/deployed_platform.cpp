#include "deployed_platform.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "data/database.h"
#include "harness/event_loop.h"
#include "harness/loopback_port.h"
#include "harness/source_folder.h"

namespace auterity::end_to_end {
namespace {

namespace fs = std::filesystem;

constexpr int kRequestsAround = 100;  // before a deploy begins, and after it has ended

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string text_of(const Json& value, std::string_view member) {
  return std::string(string_or(find_member(value, member), ""));
}

fs::path behaviour_file(const Machine& machine) { return machine.home() / "behaviour.sh"; }

void write_program(const fs::path& path, const std::string& script) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << "#!/bin/sh\n" << script;
  fs::permissions(path, fs::perms(0755));
}

// What a release is built from, without the program.
fs::path make_tree(const Machine& machine, const std::string& version) {
  const fs::path tree = machine.home() / ("tree-" + version);
  fs::create_directories(tree);
  for (const char* folder : {"web", "migrations"})
    fs::copy(harness::source_folder() / folder, tree / folder, fs::copy_options::recursive);
  return tree;
}

// Revisions are numbered without gaps.
std::string next_revision(const fs::path& migrations) {
  int newest = 0;
  for (const auto& entry : fs::directory_iterator(migrations))
    newest = std::max(newest, std::atoi(entry.path().filename().c_str()));
  return fmt::format("{:04}", newest + 1);
}

void build(Machine& machine, const std::string& version, const fs::path& program = {}) {
  std::vector<std::string> arguments{"release", "build", "--version", version};
  if (!program.empty()) arguments.insert(arguments.end(), {"--program", program.string()});
  const auto built = machine.auterity(std::move(arguments));
  ASSERT_EQ(built.exit_code, 0) << built.error_output;
}

}  // namespace

std::unique_ptr<Machine> DeployedPlatform::machine_;
std::string DeployedPlatform::url_;
std::string DeployedPlatform::token_;

void DeployedPlatform::SetUpTestSuite() {
  if (!why_no_platform().empty()) return;
  machine_ = std::make_unique<Machine>();
  const std::string port = std::to_string(harness::find_free_loopback_port());
  url_ = "http://127.0.0.1:" + port;
  const auto up = machine_->auterity({"up", "--port", port, "--replicas", "2", "--workers", "1"});
  ASSERT_EQ(up.exit_code, 0) << up.error_output;
  token_ = machine_->token(url_);
  ASSERT_FALSE(token_.empty());
  ASSERT_NO_FATAL_FAILURE(build(*machine_, kGood));
  build_bad_release();
}

void DeployedPlatform::TearDownTestSuite() { machine_.reset(); }

// The real program stands in the release as a whole release of its own, so that it answers with the
// release's version, wherever the release is installed.
void DeployedPlatform::build_bad_release() {
  const fs::path tree = make_tree(*machine_, kBad);
  const fs::path real = tree / "web/real";
  fs::copy(machine_->state() / "releases" / kGood, real, fs::copy_options::recursive);
  std::string manifest = read_file(real / "manifest.json");
  manifest.replace(manifest.find(kGood), std::string_view(kGood).size(), kBad);
  std::ofstream(real / "manifest.json") << manifest;
  fs::copy(AUTERITY_BAD_REPLICA, tree / "web/bad_replica");
  let_the_bad_release("");
  write_program(tree / "build/auterity",
                "folder=$(dirname \"$(readlink -f \"$0\")\")\n"
                "[ -d \"$folder/web\" ] || folder=$folder/..\n"
                "real=$folder/web/real/auterity\n"
                "front=$folder/web/bad_replica\n"
                ". " +
                    behaviour_file(*machine_).string() +
                    "\n"
                    "exec \"$real\" \"$@\"\n");
  build(*machine_, kBad, tree / "build/auterity");
}

void DeployedPlatform::let_the_bad_release(const std::string& shell) {
  std::ofstream(behaviour_file(*machine_)) << shell << "\n";
}

void DeployedPlatform::let_the_bad_release_answer(const std::string& fault) {
  let_the_bad_release("[ \"$1\" != serve ] || exec \"$front\" " + fault + " \"$real\" \"$@\"");
}

void DeployedPlatform::build_release_with_migration(const std::string& version,
                                                    const std::string& sql) {
  const fs::path tree = make_tree(*machine_, version);
  std::ofstream(tree / "migrations" / (next_revision(tree / "migrations") + "_tried.up.sql"))
      << sql;
  const fs::path real = machine_->state() / "releases" / kGood / "auterity";
  write_program(tree / "build/auterity", "exec " + real.string() + " \"$@\"\n");
  build(*machine_, version, tree / "build/auterity");
}

void DeployedPlatform::SetUp() {
  AUTERITY_NEEDS_PLATFORM();
  ASSERT_NE(machine_, nullptr);
  const Json status = machine().status();
  ASSERT_EQ(text_of(status, "health"), "healthy") << to_text(status);
  version_ = text_of(status, "version");
  stable_ = text_of(status, "colour");
  candidate_ = stable_ == "blue" ? "green" : "blue";
  platform_before_ = read_file(machine().state() / "services/platform.json");
}

std::unique_ptr<RequestLoad> DeployedPlatform::start_load(int clients) const {
  auto load =
      std::make_unique<RequestLoad>(url() + "/api/workflows?limit=20",
                                    HttpHeaders{{"authorization", "Bearer " + token()}}, clients);
  EXPECT_TRUE(machine().eventually([&] { return load->sent() >= kRequestsAround; }));
  return load;
}

void DeployedPlatform::end_load(RequestLoad& load, Attempt& attempt) const {
  const int enough = load.sent() + kRequestsAround;
  EXPECT_TRUE(machine().eventually([&] { return load.sent() >= enough; }));
  attempt.load = load.stop();
  const int reached_it = attempt.load.sent - attempt.load.unanswered;
  EXPECT_TRUE(machine().eventually([&] {
    attempt.served = balancer().requests(load.id_prefix());
    attempt.untold = balancer().dropped_lines();
    return static_cast<int>(attempt.served.size()) + attempt.untold >= reached_it;
  })) << attempt.served.size()
      << " and " << attempt.untold << " of " << attempt.load.sent;
}

DeployedPlatform::Attempt DeployedPlatform::deploy_under_load(std::vector<std::string> arguments) {
  const auto load = start_load();
  arguments.insert(arguments.begin(), "deploy");
  const auto outcome = machine().auterity(std::move(arguments));
  Attempt attempt{.exit_code = outcome.exit_code, .error_output = outcome.error_output};
  end_load(*load, attempt);
  return attempt;
}

int DeployedPlatform::served_by(const Attempt& attempt, const std::string& colour) const {
  return static_cast<int>(std::ranges::count_if(
      attempt.served,
      [&](const Balancer::Request& request) { return request.server.starts_with(colour + "-"); }));
}

void DeployedPlatform::expect_only_candidate_failed(const Attempt& attempt) {
  std::map<std::string, Balancer::Request> by_id;
  for (const Balancer::Request& request : attempt.served) by_id[request.id] = request;
  int unknown = 0;
  for (const auto& [id, why] : attempt.load.failed_ids) {
    const auto found = by_id.find(id);
    if (found == by_id.end())
      ++unknown;
    else
      EXPECT_TRUE(found->second.server.starts_with(candidate() + "-"))
          << id << " " << why << " on " << found->second.server;
  }
  EXPECT_LE(unknown, attempt.untold);
}

Json DeployedPlatform::latest_operation() const {
  return machine().json({"operations", "show", "latest"});
}

void DeployedPlatform::expect_nothing_left_of(const std::string& version) {
  EXPECT_EQ(read_file(machine().state() / "services/platform.json"), platform_before_);
  for (const auto& weights : {balancer().weights(), balancer().kept_weights()}) {
    EXPECT_EQ(weights.size(), 2U);
    for (const auto& [server, weight] : weights)
      EXPECT_TRUE(server.starts_with(stable() + "-api-")) << server << " " << weight;
  }
  // The wrapper of a bad release may sleep for some seconds after its replica has ended.
  EXPECT_TRUE(machine().eventually(
      [&] { return machine().processes("releases/" + version + "/").empty(); }));
  for (const auto& entry : fs::directory_iterator(machine().state() / "services")) {
    const std::string name = entry.path().filename().string();
    EXPECT_FALSE(name.starts_with(candidate()) || name.starts_with("baseline")) << name;
  }
  const Json status = machine().status();
  EXPECT_EQ(text_of(status, "version"), version_);
  EXPECT_EQ(text_of(status, "health"), "healthy") << to_text(status);
}

void DeployedPlatform::expect_all_on_stable_first(const Attempt& attempt, const Json& operation) {
  const Json* steps = find_member(operation, "steps");
  ASSERT_NE(steps, nullptr);
  for (const Json& step : steps->get_array()) {
    if (!text_of(step, "name").starts_with("canary-") || text_of(step, "state") != "undone")
      continue;
    const auto taken_back_at = parse_rfc3339(text_of(step, "at"));
    ASSERT_TRUE(taken_back_at) << to_text(step);
    const auto strays = std::ranges::count_if(attempt.served, [&](const auto& request) {
      return request.accepted_at > *taken_back_at && !request.server.starts_with(stable() + "-");
    });
    EXPECT_EQ(strays, 0) << text_of(step, "name");
  }
}

void DeployedPlatform::expect_turned_back(const Attempt& attempt, const std::string& version,
                                          const std::string& reason) {
  EXPECT_EQ(attempt.exit_code, 1) << attempt.error_output;
  EXPECT_TRUE(attempt.error_output.contains(reason)) << attempt.error_output;
  const Json operation = latest_operation();
  EXPECT_EQ(text_of(operation, "state"), "undone") << to_text(operation);
  EXPECT_TRUE(text_of(operation, "failure").contains(reason)) << text_of(operation, "failure");
  expect_nothing_left_of(version);
  expect_all_on_stable_first(attempt, operation);
  expect_only_candidate_failed(attempt);
  ASSERT_GE(attempt.served.size(), static_cast<std::size_t>(kRequestsAround));
  for (auto request = attempt.served.end() - kRequestsAround; request != attempt.served.end();
       ++request) {
    EXPECT_TRUE(request->server.starts_with(stable() + "-")) << request->server;
    EXPECT_EQ(request->status, 200) << request->server;
  }
}

Json DeployedPlatform::kept_verdict(const std::string& step) {
  const Json operation = latest_operation();
  const Json* evidence = find_pointer(operation, "/request/evidence");
  const fs::path folder = machine().state() / "evidence" / std::string(string_or(evidence, "none"));
  const auto value = parse_json(read_file(folder / (step + ".taken-back.json")));
  EXPECT_TRUE(value) << folder;
  return value ? *value : Json(nullptr);
}

bool DeployedPlatform::table_exists(const std::string& name) {
  harness::EventLoop loop;
  SystemClock clock;
  harness::SilentLog log;
  const auto database = data::open_database(
      loop.executor(), clock, log, {.url = text_of(machine().credentials(), "database_url")});
  const auto rows = loop.run(database->query(
      {.statement = {"test.table", "SELECT to_regclass($1) IS NOT NULL"}, .parameters = {name}}));
  EXPECT_TRUE(rows) << rows.error().message;
  const bool there = rows && (*rows)->text(0, 0) == "t";
  loop.run(database->close());
  return there;
}

Setting::Setting(std::string name, const std::string& value) : name_(std::move(name)) {
  ::setenv(name_.c_str(), value.c_str(), 1);
}
Setting::~Setting() { ::unsetenv(name_.c_str()); }

}  // namespace auterity::end_to_end
