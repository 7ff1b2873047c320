// Releases that do harm are turned back by themselves: the deploy ends with 1 and says what was
// seen, the old version has all requests again and has lost none, and nothing of the new one is
// left but the evidence.
#include <boost/json.hpp>

#include "deployed_platform.h"

namespace auterity::end_to_end {
namespace {

constexpr int kSharePercent = 20;
const std::vector<std::string> kDeployBad{"--version", kBad, "--canary", "20,100", "--bake", "2"};

// Shell that is false in a replica of the pool that is brought in. The check before a deploy starts
// the program beside the platform: what shows there already does not come to the pool.
const std::string kInItsPlace = "[ \"$1\" != serve ] || [ -z \"$AUTERITY_COLOUR\" ] ";

std::int64_t count_at(const Json& value, const char* pointer) {
  const Json* found = find_pointer(value, pointer);
  return found != nullptr && found->is_int64() ? found->get_int64() : -1;
}

TEST_F(DeployedPlatform, FivePercentErrors) {
  let_the_bad_release_answer("errors");
  const Attempt attempt = deploy_under_load(kDeployBad);
  expect_turned_back(attempt, kBad, "requests failed");

  const int spoiled = static_cast<int>(attempt.load.failed_ids.size());
  const int tried = served_by(attempt, candidate());
  EXPECT_GT(spoiled, 0);
  EXPECT_LE(spoiled, tried / 20 + 2) << "one in twenty of each of its two replicas";
  const auto on_candidate = [&](const auto& request) {
    return request.server.starts_with(candidate());
  };
  const auto first = std::ranges::find_if(attempt.served, on_candidate);
  const auto last = std::find_if(attempt.served.rbegin(), attempt.served.rend(), on_candidate);
  const auto meanwhile = last.base() - first;
  EXPECT_LE(tried, meanwhile * (kSharePercent + 5) / 100) << "more than its share";

  const Json kept = kept_verdict("canary-20");
  EXPECT_EQ(string_or(find_pointer(kept, "/verdict/outcome"), ""), "worse");
  EXPECT_GE(count_at(kept, "/samples/candidate/errors"), 5);
  EXPECT_EQ(count_at(kept, "/samples/baseline/errors"), 0);
}

TEST_F(DeployedPlatform, SlowAnswers) {
  const Setting latency(kLatencyRatio, "150");
  let_the_bad_release_answer("slow");
  const Attempt attempt = deploy_under_load(kDeployBad);
  expect_turned_back(attempt, kBad, "answers are slower: p50");
  EXPECT_TRUE(attempt.load.failed.empty()) << attempt.load.failed.begin()->first;
  const Json kept = kept_verdict("canary-20");
  const Json* slow = find_pointer(kept, "/verdict/candidate/p50_ms");
  const Json* usual = find_pointer(kept, "/verdict/baseline/p50_ms");
  ASSERT_TRUE(slow != nullptr && usual != nullptr) << to_text(kept);
  EXPECT_GE(slow->to_number<double>(), 30);
  EXPECT_GT(slow->to_number<double>(), usual->to_number<double>());
}

TEST_F(DeployedPlatform, AProgramThatEndsAtOnce) {
  let_the_bad_release("[ \"$1\" != serve ] || { echo 'no such file: settings' >&2; exit 3; }");
  const Attempt attempt = deploy_under_load(kDeployBad);
  expect_turned_back(attempt, kBad, "it ended with exit code 3: no such file: settings");
  EXPECT_TRUE(attempt.load.failed.empty()) << attempt.load.failed.begin()->first;
}

TEST_F(DeployedPlatform, ReplicasThatEndAtOnce) {
  let_the_bad_release(kInItsPlace + "|| { echo 'no such file: settings' >&2; exit 3; }");
  const Attempt attempt = deploy_under_load(kDeployBad);
  expect_turned_back(attempt, kBad, "ends again and again");
  EXPECT_TRUE(attempt.error_output.contains("no such file: settings")) << attempt.error_output;
  EXPECT_TRUE(attempt.load.failed.empty()) << attempt.load.failed.begin()->first;
}

TEST_F(DeployedPlatform, ReplicasThatNeverGetReady) {
  let_the_bad_release_answer("unready");
  const Attempt attempt = deploy_under_load(kDeployBad);
  expect_turned_back(attempt, kBad, "readiness answered 503");
  EXPECT_TRUE(attempt.load.failed.empty()) << attempt.load.failed.begin()->first;
}

TEST_F(DeployedPlatform, ReplicasThatDieAfterAWhile) {
  let_the_bad_release("[ \"$1\" != serve ] || { (sleep 4; kill -9 $$) 3>&- & }");
  const Attempt attempt =
      deploy_under_load({"--version", kBad, "--canary", "50,100", "--bake", "8"});
  expect_turned_back(attempt, kBad, "died");
}

TEST_F(DeployedPlatform, AnotherVersionThanItsManifestSays) {
  const std::string other = (machine().state() / "releases" / kGood / "auterity").string();
  let_the_bad_release(kInItsPlace + "|| exec " + other + " \"$@\"");
  const Attempt attempt = deploy_under_load(kDeployBad);
  expect_turned_back(attempt, kBad,
                     std::string("answers as version ") + kGood + " instead of " + kBad);
  EXPECT_TRUE(attempt.load.failed.empty()) << attempt.load.failed.begin()->first;
}

TEST_F(DeployedPlatform, AMigrationThatFailsInItsMiddle) {
  ASSERT_NO_FATAL_FAILURE(build_release_with_migration(
      "7.2.0",
      "CREATE TABLE half_done (id bigint PRIMARY KEY);\n"
      "INSERT INTO half_done (id) VALUES (1 / (SELECT count(*) FROM half_done));\n"));
  const Attempt attempt = deploy_under_load({"--version", "7.2.0"});
  expect_turned_back(attempt, "7.2.0", "division by zero");
  EXPECT_TRUE(attempt.load.failed.empty()) << attempt.load.failed.begin()->first;
  EXPECT_FALSE(table_exists("half_done"));
}

TEST_F(DeployedPlatform, FivePercentErrorsThatNobodyWouldHaveMet) {
  let_the_bad_release_answer("errors");
  auto arguments = kDeployBad;
  arguments.insert(arguments.begin(), "deploy");
  const auto outcome = machine().auterity(arguments);
  EXPECT_EQ(outcome.exit_code, 1) << outcome.error_output;
  EXPECT_TRUE(outcome.error_output.contains("requests failed")) << outcome.error_output;
  EXPECT_TRUE(outcome.error_output.contains("of this stage were synthetic"))
      << outcome.error_output;
  expect_nothing_left_of(kBad);
}

}  // namespace
}  // namespace auterity::end_to_end
