// `up` and `down` with their real steps on a simulated machine, killed everywhere.
#include <gtest/gtest.h>

#include "core/version.h"
#include "harness/local_crash_world.h"
#include "harness/loopback_port.h"
#include "operations/up/down.h"
#include "operations/up/up.h"

namespace auterity::operations {
namespace {

using StepNames = std::set<std::string, std::less<>>;

// Those that `up` does on a PostgreSQL.
const StepNames kDatabaseSteps{"database", "schema", "administrator"};

class StartedWorld final : public harness::LocalCrashWorld {
 public:
  explicit StartedWorld(std::string failing) { failing_step = std::move(failing); }

  std::unique_ptr<Operation> make_operation() override {
    static const int port = harness::find_free_loopback_port();
    return std::make_unique<harness::OperationOnMachine>(
        *this,
        std::make_unique<UpOperation>(context, EnvironmentFile::defaults("test"),
                                      PlatformWish{.port = port, .replicas = 1, .workers = 1}),
        kDatabaseSteps);
  }

  void expect_correct_end(const OperationHistory& history) override {
    if (history.outcome == "done") return expect_one_pool("blue", std::string(version()), 1, 1);
    EXPECT_FALSE(machine.supervisor_runs());
    EXPECT_TRUE(machine.services().empty());
  }
};

TEST(UpCrashes, EndWithAWholePlatformOrNothingThatRuns) {
  for (const char* failing : {"", "haproxy"}) {
    SCOPED_TRACE(std::string("failing step: ") + failing);
    const auto swept = harness::sweep([&] { return std::make_unique<StartedWorld>(failing); }, 61);
    EXPECT_GT(swept.records, 10);
  }
}

class StoppedWorld final : public harness::LocalCrashWorld {
 public:
  explicit StoppedWorld(std::string failing) {
    start_platform(2, 1);
    failing_step = std::move(failing);
  }

  std::unique_ptr<Operation> make_operation() override {
    return std::make_unique<harness::OperationOnMachine>(
        *this, std::make_unique<DownOperation>(context), StepNames{});
  }

  void expect_correct_end(const OperationHistory& history) override {
    if (history.outcome == "done")
      expect_nothing_runs();
    else
      expect_one_pool("blue", "1.0.0", 2, 1);
  }
};

TEST(DownCrashes, EndWithNothingThatRunsOrEverything) {
  for (const char* failing : {"", "stop-blue-api-1", "stop-supervisor"}) {
    SCOPED_TRACE(std::string("failing step: ") + failing);
    const auto swept = harness::sweep([&] { return std::make_unique<StoppedWorld>(failing); }, 29);
    EXPECT_GT(swept.records, 4);
  }
}

}  // namespace
}  // namespace auterity::operations
