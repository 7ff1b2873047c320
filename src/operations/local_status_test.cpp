// What `status` says of a platform on a simulated machine.
#include "operations/local_status.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "harness/local_crash_world.h"
#include "operations/deploy/deploy_request.h"
#include "operations/deploy/traffic.h"
#include "operations/up/up_service_steps.h"

namespace auterity::operations {
namespace {

// Started, looked at, and never killed.
class StatusWorld final : public harness::LocalCrashWorld {
 public:
  StatusWorld() { start_platform(1, 0); }
  std::unique_ptr<Operation> make_operation() override { return nullptr; }
  void expect_correct_end(const OperationHistory&) override {}

  Observation health_of(local::Platform platform) {
    std::optional<Observation> seen;
    const auto look = [](LocalContext& context, local::Platform platform,
                         std::optional<Observation>& seen) -> Async<Result<RunResult>> {
      AUTERITY_CO_TRY(health, co_await observe_health(context, std::move(platform)));
      seen = std::move(health);
      co_return RunResult{};
    };
    EXPECT_TRUE(run(look(context, std::move(platform), seen)));
    return seen.value_or(Observation{});
  }
};

DeployRequest canary() {
  DeployRequest request;
  request.version = "1.1.0";
  request.stable = "blue";
  request.candidate = "green";
  request.replicas = 1;
  return request;
}

// The machine answers as 1.0.0 throughout.
TEST(LocalStatus, WhileADeployDividesRequestsEachOfItsReleasesMayAnswer) {
  StatusWorld world;
  const local::Platform begun = with_new_pools(world.platform(), canary());
  EXPECT_TRUE(world.health_of(with_shares(begun, canary(), 10)).holds);
  const local::Platform in_use =
      with_pool_in_use(with_shares(begun, canary(), 10), canary().candidate);
  EXPECT_TRUE(world.health_of(in_use).holds) << "whichever is the one in use";
  const Observation other = world.health_of(with_shares(in_use, canary(), 100));
  EXPECT_FALSE(other.holds) << "a release without a share must not answer";
  EXPECT_EQ(other.evidence, "version 1.0.0 answers instead of 1.1.0");
}

TEST(LocalStatus, SaysHowRequestsAreDivided) {
  PlatformStatus status;
  status.pools = {{"blue", "1.0.0", 80}, {"green", "1.1.0", 10}, {"baseline", "1.0.0", 10}};
  const JsonObject document = to_json(status);
  ASSERT_EQ(document.at("pools").as_array().size(), 3u);
  EXPECT_EQ(document.at("pools").at(1),
            Json(JsonObject{{"colour", "green"}, {"version", "1.1.0"}, {"percent", 10}}));
}

}  // namespace
}  // namespace auterity::operations
