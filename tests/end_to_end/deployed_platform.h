#pragma once
// One platform for many deploys: two replicas and a worker under load, a good release, and one
// whose program does at its start what a test tells it to. Bad releases are wrappers around the
// real program, and bad_replica/main.cpp: the product has no switch for faults.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "balancer.h"
#include "machine.h"
#include "request_load.h"

namespace auterity::end_to_end {

inline constexpr const char* kGood = "7.0.0";
inline constexpr const char* kBad = "7.1.0";

// An environment variable of this process, which the programs that it starts inherit, while the
// object lives: settings of the environment file are overruled so.
class Setting {
 public:
  Setting(std::string name, const std::string& value);
  ~Setting();
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;

 private:
  std::string name_;
};

class DeployedPlatform : public testing::Test {
 public:
  static void SetUpTestSuite();
  static void TearDownTestSuite();

 protected:
  // What a deploy under load looked like from outside.
  struct Attempt {
    int exit_code = 0;
    std::string error_output;
    RequestLoadOutcome load;
    std::vector<Balancer::Request> served;  // the load's requests, as HAProxy knows them
    int untold = 0;                         // requests that it left out of its log
  };

  void SetUp() override;

  static Machine& machine() { return *machine_; }
  static const std::string& url() { return url_; }
  static const std::string& token() { return token_; }
  Balancer balancer() const { return Balancer(machine().state()); }
  // Colours of the pool in use, and of the one that a deploy brings in.
  const std::string& stable() const { return stable_; }
  const std::string& candidate() const { return candidate_; }

  // What the bad release's program does first, as shell: "$1" is "serve" or "work", "$real" the
  // real program, "$front" bad_replica.
  static void let_the_bad_release(const std::string& shell);
  // The API processes of the bad release answer through the front, with that fault.
  static void let_the_bad_release_answer(const std::string& fault);
  // A release of the real program with one migration more.
  static void build_release_with_migration(const std::string& version, const std::string& sql);

  // Deploys while clients read, from before its beginning until some time after its end.
  Attempt deploy_under_load(std::vector<std::string> arguments);
  std::unique_ptr<RequestLoad> start_load(int clients = 4) const;
  // Ends the load and waits until HAProxy has told of all its requests.
  void end_load(RequestLoad& load, Attempt& attempt) const;

  // Exit code 1, the journal and the message say `reason`, and nothing of `version` is left: not in
  // the kept platform, not in HAProxy, no process. Blue lost nothing, and has all requests.
  void expect_turned_back(const Attempt& attempt, const std::string& version,
                          const std::string& reason);
  void expect_nothing_left_of(const std::string& version);
  // From the moment on at which the canary was taken back, before any process was ended.
  void expect_all_on_stable_first(const Attempt& attempt, const Json& operation);
  // Requests that failed were the new version's own, all of them.
  void expect_only_candidate_failed(const Attempt& attempt);
  // The kept verdict of a step that turned a deploy back: its samples, and what it says.
  Json kept_verdict(const std::string& step);

  Json latest_operation() const;
  // Whether the database has a table of that name.
  static bool table_exists(const std::string& name);
  int served_by(const Attempt& attempt, const std::string& colour) const;

 private:
  static void build_bad_release();

  // Beside other tests the new processes may be the slower ones by chance.
  const Setting latency_{kLatencyRatio, "10000"};

  static std::unique_ptr<Machine> machine_;
  static std::string url_, token_;

  std::string stable_, candidate_, version_;
  std::string platform_before_;
};

}  // namespace auterity::end_to_end
