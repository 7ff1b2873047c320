// Restarts of every component with their real steps on a simulated machine, killed everywhere.
#include <gtest/gtest.h>

#include "harness/local_crash_world.h"
#include "operations/restart/restart.h"

namespace auterity::operations {
namespace {

class RestartedWorld final : public harness::LocalCrashWorld {
 public:
  RestartedWorld(std::string component, std::string failing) : component_(std::move(component)) {
    start_platform(2, 1);
    failing_step = std::move(failing);
    for (const auto& [name, service] : machine.services()) old_pids_[name] = service.pid;
  }

  std::unique_ptr<Operation> make_operation() override { return make({.component = component_}); }
  std::unique_ptr<Operation> make_operation_of(const JsonObject& request) override {
    return make(RestartOperation::parse_request(request));
  }

  // Done or taken back, everything runs; done, what was meant is another process.
  void expect_correct_end(const OperationHistory& history) override {
    expect_one_pool("blue", "1.0.0", 2, 1);
    if (history.outcome != "done") return;
    for (const PlannedStep& step : history.plan.steps)
      if (const auto service = restarted(step.name); !service.empty())
        EXPECT_NE(machine.services()[service].pid, old_pids_[service]) << service;
  }
  // One replica at a time: the other one answers.
  void expect_unharmed() override {
    if (component_ == "backend") expect_served();
  }

 private:
  static std::string restarted(const std::string& step) {
    constexpr std::string_view kVerb = "restart-";
    return step.starts_with(kVerb) ? step.substr(kVerb.size()) : "";
  }
  std::unique_ptr<Operation> make(RestartRequest request) {
    return std::make_unique<harness::OperationOnMachine>(
        *this, std::make_unique<RestartOperation>(context, std::move(request)),
        std::set<std::string, std::less<>>{});
  }

  std::string component_;
  std::map<std::string, int> old_pids_;
};

class RestartCrashes : public ::testing::TestWithParam<std::string> {};

TEST_P(RestartCrashes, EndWithEverythingRunning) {
  const auto swept =
      harness::sweep([&] { return std::make_unique<RestartedWorld>(GetParam(), ""); });
  EXPECT_GT(swept.records, 15);
  EXPECT_GT(swept.effects, 5);
}

INSTANTIATE_TEST_SUITE_P(Components, RestartCrashes,
                         ::testing::Values("frontend", "backend", "database", "redis"));

TEST(RestartCrashesOfAll, WhereAStepFailsEndWithEverythingRunning) {
  for (const char* failing : {"drain-blue-api-2", "reload-haproxy"}) {
    SCOPED_TRACE(failing);
    const auto swept =
        harness::sweep([&] { return std::make_unique<RestartedWorld>("all", failing); }, 47);
    EXPECT_GT(swept.records, 10);
  }
}

}  // namespace
}  // namespace auterity::operations
