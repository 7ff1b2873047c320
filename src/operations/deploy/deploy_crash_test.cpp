// Deploys and rollbacks with their real steps on a simulated machine, killed everywhere, on the way
// forward and, after each step that can fail, on the way back.
#include <gtest/gtest.h>

#include "harness/local_crash_world.h"
#include "operations/deploy/deploy.h"
#include "operations/deploy/deploy_plan.h"
#include "operations/restart/restart.h"

namespace auterity::operations {
namespace {

using harness::Follow;

constexpr int kReplicas = 2;
constexpr int kWorkers = 1;
constexpr const char* kSchema = "0002_more";  // its migration, which needs a PostgreSQL

class DeployedWorld final : public harness::LocalCrashWorld {
 public:
  explicit DeployedWorld(std::string_view kind, std::string failing = "") : kind_(kind) {
    start_platform(kReplicas, kWorkers);
    failing_step = std::move(failing);
  }

  DeployRequest request() {
    DeployRequest request;
    request.version = "1.1.0";
    request.release_digest = digest_of_release("1.1.0");
    request.stable = "blue";
    request.candidate = "green";
    request.old_version = "1.0.0";
    request.replicas = kReplicas;
    request.workers = kWorkers;
    request.canary = kind_ == DeployOperation::kKind ? std::vector{10, 100} : std::vector{100};
    request.bake = std::chrono::milliseconds(100);
    request.evidence = "first";
    request.thresholds.minimum_requests = 2;
    return request;
  }
  Plan plan() {
    DeployFacts facts;
    facts.environment = "test";
    facts.rollback = kind_ == DeployOperation::kRollback;
    facts.request = request();
    facts.old_release = {"1.0.0", "", {1, 9}};
    facts.new_release = {"1.1.0", "", {1, 9}};
    facts.old_replicas = kReplicas;
    facts.old_workers = kWorkers;
    facts.schema_revision = 1;
    if (!facts.rollback)
      facts.expansion.plan.steps = {{kSchema, "expand the schema", UndoPolicy::keep}};
    auto plan = plan_deploy(facts);
    EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
    return std::move(*plan);
  }

  std::unique_ptr<Operation> make_operation() override { return make(request()); }
  std::unique_ptr<Operation> make_operation_of(const JsonObject& request) override {
    auto parsed = parse_deploy_request(request);
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
    return make(std::move(*parsed));
  }
  std::unique_ptr<Operation> make_another() override {
    return std::make_unique<RestartOperation>(context, RestartRequest{.component = "backend"});
  }

  void expect_correct_end(const OperationHistory& history) override {
    // Past the last step that can be taken back the new release stays, whatever fails.
    if (history.outcome == "done") {
      expect_one_pool("green", "1.1.0", kReplicas, kWorkers);
      EXPECT_EQ(platform().previous_version, "1.0.0");
    } else if (history.outcome == "undone") {
      expect_one_pool("blue", "1.0.0", kReplicas, kWorkers);
    } else {
      EXPECT_EQ(history.outcome, "failed");
      EXPECT_EQ(platform().pool().colour, "green");
      expect_served();
    }
    for (const char* version : {"1.0.0", "1.1.0"})
      EXPECT_TRUE(local::verify_release(disk, context.layout.releases() / version).empty())
          << version;
    if (history.plan.operation == DeployOperation::kRollback) return;
    EXPECT_EQ(history.steps[1].planned.name, kSchema);
    EXPECT_TRUE(database.contains(kSchema) || history.steps[2].state == StepState::pending)
        << "an expanded schema is kept";
  }
  void expect_unharmed() override { expect_served(); }

 private:
  std::unique_ptr<Operation> make(DeployRequest request) {
    return std::make_unique<harness::OperationOnMachine>(
        *this,
        std::make_unique<DeployOperation>(
            DeployServices{context, EnvironmentFile::defaults("test"), {}}, std::move(request),
            kind_),
        std::set<std::string, std::less<>>{kSchema, "check"}, [this] { return plan(); });
  }

  std::string_view kind_;
};

class DeployCrashes : public ::testing::TestWithParam<std::string_view> {};

TEST_P(DeployCrashes, EndWithOnePoolThatServes) {
  const auto swept =
      harness::sweep([&] { return std::make_unique<DeployedWorld>(GetParam()); }, 83);
  EXPECT_GT(swept.records, 90);  // a rollback has no baseline, and so fewer steps
  EXPECT_GT(swept.effects, 3);
}

INSTANTIATE_TEST_SUITE_P(Kinds, DeployCrashes,
                         ::testing::Values(DeployOperation::kKind, DeployOperation::kRollback));

// Not even what would find everything that it needs.
TEST_P(DeployCrashes, LetNoOtherOperationIn) {
  const int places =
      harness::start_another_over([] { return std::make_unique<DeployedWorld>(GetParam()); },
                                  harness::Another::is_refused, harness::crash_stride(11));
  EXPECT_GT(places, 3);
}

// Each step fails in turn; the way back is killed at a few of its records.
TEST(DeployCrashesOnTheWayBack, EndWithOnePoolThatServes) {
  const Plan plan = DeployedWorld(DeployOperation::kKind).plan();
  int places = 0;
  const int stride = harness::crash_stride(11);
  for (std::size_t step = 0; step < plan.steps.size(); ++step) {
    const std::string& failing = plan.steps[step].name;
    const auto make = [&] {
      return std::make_unique<DeployedWorld>(DeployOperation::kKind, failing);
    };
    const int whole = live(*make(), Follow::resume).records;
    for (int back = static_cast<int>(step) % stride; back < whole - static_cast<int>(step) * 3;
         back += stride) {
      SCOPED_TRACE(testing::Message() << failing << " fails, killed at record " << whole - back);
      const auto world = make();
      ASSERT_TRUE(live(*world, Follow::resume, whole - back, harness::Kill::after_record).killed ||
                  back == 0);
      ++places;
      world->failing_step.clear();
      harness::crashes::expect_end(*world, back % 2 == 0 ? Follow::resume : Follow::undo, back % 5);
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(places, 25);
}

}  // namespace
}  // namespace auterity::operations
