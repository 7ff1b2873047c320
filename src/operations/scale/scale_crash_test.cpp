// Changes of size, and the autoscaler's start and end, with their real steps on a simulated
// machine, killed everywhere.
#include <gtest/gtest.h>

#include "harness/local_crash_world.h"
#include "operations/scale/autoscale.h"
#include "operations/scale/scale.h"

namespace auterity::operations {
namespace {

using StepNames = std::set<std::string, std::less<>>;

constexpr PlatformSizes kBefore{2, 2};

class ScaledWorld final : public harness::LocalCrashWorld {
 public:
  ScaledWorld(PlatformSizes wanted, std::string failing) : wanted_(wanted) {
    start_platform(kBefore.api, kBefore.workers);
    failing_step = std::move(failing);
  }

  std::unique_ptr<Operation> make_operation() override {
    return on_machine(std::make_unique<ScaleOperation>(
        context, environment_, ScaleWish{.api = wanted_.api, .workers = wanted_.workers}));
  }
  std::unique_ptr<Operation> make_operation_of(const JsonObject& request) override {
    return on_machine(std::make_unique<ScaleOperation>(context, environment_, request));
  }

  void expect_correct_end(const OperationHistory& history) override {
    const PlatformSizes& expected = history.outcome == "done" ? wanted_ : kBefore;
    expect_one_pool("blue", "1.0.0", expected.api, expected.workers);
  }
  void expect_unharmed() override { expect_served(); }

 private:
  std::unique_ptr<Operation> on_machine(std::unique_ptr<Operation> real) {
    return std::make_unique<harness::OperationOnMachine>(*this, std::move(real), StepNames{});
  }

  PlatformSizes wanted_;
  EnvironmentFile environment_ = EnvironmentFile::defaults("test");
};

void sweep_scale(PlatformSizes wanted, const std::string& failing = "") {
  SCOPED_TRACE("failing step: '" + failing + "'");
  const auto swept = harness::sweep([&] { return std::make_unique<ScaledWorld>(wanted, failing); });
  EXPECT_GT(swept.records, 3);
  EXPECT_GT(swept.effects, 1);
}

TEST(ScaleCrashes, GrowingEndsInOneOfBothSizes) { sweep_scale({3, 3}); }
// HAProxy has places for eight: it takes up a new configuration.
TEST(ScaleCrashes, GrowingBeyondThePlacesOfHaproxyEndsInOneOfBothSizes) { sweep_scale({9, 2}); }
TEST(ScaleCrashes, ShrinkingEndsInOneOfBothSizes) { sweep_scale({1, 1}); }
TEST(ScaleCrashes, WhereAStepFailsEndsInTheOldSizes) {
  for (const char* failing : {"start-blue-worker-3", "sizes"}) sweep_scale({3, 3}, failing);
  for (const char* failing : {"drain-blue-api-2", "sizes", "retire-blue-api-2"})
    sweep_scale({1, 2}, failing);
}

class AutoscaledWorld final : public harness::LocalCrashWorld {
 public:
  AutoscaledWorld(bool on, std::string failing) : on_(on) {
    start_platform(1, 1);
    if (!on) {
      const auto started = live(*this, harness::Follow::resume);
      EXPECT_TRUE(started.result) << started.result.error().message;
      files = MemoryFiles();
      wanted_ = false;
    }
    failing_step = std::move(failing);
  }

  std::unique_ptr<Operation> make_operation() override {
    return on_machine(std::make_unique<AutoscaleOperation>(context, wanted_, "/etc/auterity"));
  }
  std::unique_ptr<Operation> make_operation_of(const JsonObject& request) override {
    return on_machine(AutoscaleOperation::make(context, request));
  }

  void expect_correct_end(const OperationHistory& history) override {
    expect_one_pool("blue", "1.0.0", 1, 1);
    EXPECT_EQ(platform().autoscaler.has_value(), (history.outcome == "done") == on_);
    EXPECT_EQ(machine.services().contains("autoscaler"), platform().autoscaler.has_value());
  }
  void expect_unharmed() override { expect_served(); }

 private:
  std::unique_ptr<Operation> on_machine(std::unique_ptr<Operation> real) {
    return std::make_unique<harness::OperationOnMachine>(*this, std::move(real), StepNames{});
  }

  bool on_;
  bool wanted_ = true;
};

TEST(AutoscaleCrashes, EndWithTheServiceThatIsKept) {
  for (const bool on : {true, false})
    for (const char* failing : {"", "setting", "service"}) {
      SCOPED_TRACE(testing::Message() << (on ? "on" : "off") << ", failing step: " << failing);
      const auto swept =
          harness::sweep([&] { return std::make_unique<AutoscaledWorld>(on, failing); });
      EXPECT_GT(swept.records, 2);
    }
}

}  // namespace
}  // namespace auterity::operations
