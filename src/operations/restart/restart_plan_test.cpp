// Golden plans of restart.
#include <gtest/gtest.h>

#include "harness/staging_platform.h"
#include "operations/restart/restart.h"

namespace auterity::operations {
namespace {

using harness::staging_platform;

TEST(RestartPlan, BackendRollsOneProcessAtATime) {
  EXPECT_EQ(
      to_text(plan_restart(staging_platform(), "backend")),
      "plan: restart of environment staging\n"
      "   1. evidence               keep status, counts and the ends of the logs (stays on undo)\n"
      "   2. drain-blue-api-1       give blue-api-1 no new requests and wait for those under "
      "way\n"
      "   3. restart-blue-api-1     restart blue-api-1 (stays on undo)\n"
      "   4. return-blue-api-1      give requests to blue-api-1 again\n"
      "   5. drain-blue-api-2       give blue-api-2 no new requests and wait for those under "
      "way\n"
      "   6. restart-blue-api-2     restart blue-api-2 (stays on undo)\n"
      "   7. return-blue-api-2      give requests to blue-api-2 again\n"
      "   8. restart-blue-worker-1  restart blue-worker-1: it hands its executions over "
      "first (stays on undo)\n"
      "   9. health                 see the platform healthy at http://localhost:8001\n");
}

TEST(RestartPlan, TheOnlyReplicaIsNotTakenOutOfRotation) {
  local::Platform alone = staging_platform();
  alone.pool().replicas = 1;
  alone.pool().workers = 0;
  const Plan plan = plan_restart(alone, "backend");
  ASSERT_EQ(plan.steps.size(), 3u) << to_text(plan);
  EXPECT_EQ(plan.steps[1].description,
            "restart blue-api-1, the only replica: requests are refused until it is ready");
}

TEST(RestartPlan, AllGoesInTheOrderInWhichTheyNeedEachOther) {
  local::Platform small = staging_platform();
  small.pool().replicas = 1;
  small.pool().workers = 0;
  const Plan plan = plan_restart(small, "all");
  std::vector<std::string> names;
  for (const PlannedStep& step : plan.steps) names.push_back(step.name);
  EXPECT_EQ(names, (std::vector<std::string>{"evidence", "restart-postgres", "restart-wal-shipper",
                                             "health-database", "restart-redis", "health-redis",
                                             "restart-blue-api-1", "health-backend",
                                             "restart-nginx", "reload-haproxy", "health"}));
}

TEST(RestartPlan, SingleComponents) {
  EXPECT_EQ(to_text(plan_restart(staging_platform(), "database")),
            "plan: restart of environment staging\n"
            "   1. evidence             keep status, counts and the ends of the logs (stays on "
            "undo)\n"
            "   2. restart-postgres     restart postgres: open transactions end, processes connect "
            "again (stays on undo)\n"
            "   3. restart-wal-shipper  restart wal-shipper: it goes on where it was (stays on "
            "undo)\n"
            "   4. health               see the platform healthy at http://localhost:8001\n");
  EXPECT_EQ(plan_restart(staging_platform(), "redis").steps[1].name, "restart-redis");
  EXPECT_EQ(plan_restart(staging_platform(), "frontend").steps[2].name, "reload-haproxy");
}

TEST(RestartRequest, IsReadBackFromTheJournal) {
  const RestartRequest request = RestartOperation::parse_request(
      {{"component", "redis"}, {"old_pids", JsonObject{{"redis", 17}}}});
  EXPECT_EQ(request.component, "redis");
  EXPECT_EQ(request.old_pids.at("redis"), 17);
}

}  // namespace
}  // namespace auterity::operations
