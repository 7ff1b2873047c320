// Golden plans of deploy.
#include "operations/deploy/deploy_plan.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace auterity::operations {
namespace {

DeployFacts facts() {
  DeployFacts facts;
  facts.environment = "staging";
  facts.request = {.version = "1.3.0",
                   .release_digest = "d2",
                   .stable = "blue",
                   .candidate = "green",
                   .old_version = "1.2.3",
                   .replicas = 1,
                   .workers = 1,
                   .canary = {10, 100},
                   .bake = std::chrono::milliseconds(1500),
                   .evidence = "e"};
  facts.pending_migrations = {"0006_labels"};
  facts.old_replicas = 2;
  facts.old_workers = 1;
  return facts;
}

TEST(DeployPlan, BringsAReleaseIn) {
  EXPECT_EQ(
      to_text(plan_deploy(facts())),
      "plan: deploy of environment staging\n"
      "   1. schema                 expand the schema by 0006_labels (on undo: keep)\n"
      "   2. pools                  keep a place for green with release 1.3.0 and for a baseline "
      "with release 1.2.3 (on undo: undo)\n"
      "   3. start-green-api-1      start green-api-1 of release 1.3.0 (on undo: undo)\n"
      "   4. start-baseline-api-1   start baseline-api-1 of release 1.2.3 (on undo: undo)\n"
      "   5. gate                   see each replica of green ready three times in a row, "
      "answering as 1.3.0 (on undo: keep)\n"
      "   6. smoke                  run a workflow through green alone (on undo: keep)\n"
      "   7. canary-10              10 % of requests to green, 10 % to the baseline, for 1.5 s; "
      "compare them (on undo: undo)\n"
      "   8. canary-100             all requests to green for 1.5 s; watch them (on undo: undo)\n"
      "   9. start-green-worker-1   start green-worker-1 of release 1.3.0 (on undo: undo)\n"
      "  10. in-use                 green is the pool in use (on undo: undo)\n"
      "  11. web                    serve the web files of 1.3.0 (on undo: undo)\n"
      "  12. hand-over              blue hands over streams and executions; no request is left on "
      "it (on undo: keep)\n"
      "  13. stop-blue-worker-1     stop blue-worker-1, which hands its executions over (on undo: "
      "undo)\n"
      "  14. retire-baseline-api-1  stop and remove baseline-api-1 (on undo: keep)\n"
      "  15. bake                   watch green for 1.5 s while blue is warm (on undo: undo)\n"
      "  16. retire-blue-api-1      stop blue-api-1; its release is kept for rollback (on undo: "
      "refuse)\n"
      "  17. retire-blue-api-2      stop blue-api-2; its release is kept for rollback (on undo: "
      "refuse)\n"
      "  18. retire-blue-worker-1   remove blue-worker-1 (on undo: refuse)\n"
      "  19. forget                 green is the only pool (on undo: refuse)\n");
}

TEST(DeployPlan, WithoutMigrationsLeavesTheSchemaAlone) {
  DeployFacts same = facts();
  same.pending_migrations.clear();
  EXPECT_EQ(plan_deploy(same).steps.front().name, "pools");
}

TEST(DeployPlan, NamesOfCanaryStepsSayTheirPercentage) {
  EXPECT_EQ(canary_percent("canary-50"), 50);
  EXPECT_EQ(canary_percent("bake"), 0);
}

TEST(DeployRequestTest, SurvivesTheJournal) {
  const DeployRequest request = facts().request;
  const auto again = parse_deploy_request(to_json(request));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(to_json(*again), to_json(request));
  EXPECT_FALSE(parse_deploy_request({}));
}

local::Platform platform() {
  local::Platform made;
  made.pool() = {.colour = "blue", .version = "1.2.3", .replicas = 2, .workers = 1};
  return made;
}

std::string pools_text(const local::Platform& platform) {
  std::string text;
  for (const local::Pool& pool : platform.pools)
    text += pool.colour + " " + pool.version + " " + std::to_string(pool.percent) + "; ";
  return text;
}

TEST(DeployRequestTest, PoolsOfItsStages) {
  const DeployRequest request = facts().request;
  const local::Platform begun = with_new_pools(platform(), request);
  EXPECT_EQ(pools_text(begun), "blue 1.2.3 100; green 1.3.0 0; baseline 1.2.3 0; ");
  const local::Platform canary = with_shares(begun, request, 10);
  EXPECT_EQ(pools_text(canary), "blue 1.2.3 80; green 1.3.0 10; baseline 1.2.3 10; ");
  EXPECT_EQ(pools_text(with_shares(canary, request, 0)), pools_text(begun));
  const local::Platform in_use = with_pool_in_use(with_shares(canary, request, 100), "green");
  EXPECT_EQ(pools_text(in_use), "green 1.3.0 100; blue 1.2.3 0; baseline 1.2.3 0; ");
  EXPECT_EQ(pools_text(with_pool_in_use(in_use, "blue")),
            "blue 1.2.3 0; green 1.3.0 100; baseline 1.2.3 0; ");
  const local::Platform ended = with_candidate_alone(in_use, request);
  EXPECT_EQ(pools_text(ended), "green 1.3.0 100; ");
  EXPECT_EQ(ended.previous_version, "1.2.3");
}

TEST(DeployRequestTest, PoolsAreMadeAnewFromWhateverADeadDeployLeft) {
  const DeployRequest request = facts().request;
  const local::Platform begun = with_new_pools(platform(), request);
  EXPECT_EQ(pools_text(with_new_pools(with_shares(begun, request, 50), request)),
            pools_text(begun));
}

}  // namespace
}  // namespace auterity::operations
