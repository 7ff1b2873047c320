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
  facts.old_release = {"1.2.3", "0123456789abcdef0123456789abcdef01234567", {6, 56}};
  facts.new_release = {"1.3.0", "fedcba9876543210fedcba9876543210fedcba98-dirty", {6, 56}};
  facts.old_replicas = 2;
  facts.old_workers = 1;
  facts.schema_revision = 6;
  facts.memory = {.largest_process = 64u << 20, .available = 2048u << 20};
  facts.earlier = {std::chrono::seconds(30), std::chrono::seconds(9), std::chrono::seconds(11)};
  return facts;
}

data::Migration migration(int revision, std::string name, std::string up) {
  return {revision, std::move(name), std::move(up), "", "", "sum" + std::to_string(revision)};
}

// What `migrate up` plans for a release that brings `up` as its seventh migration.
MigratePlan expansion(const std::string& up) {
  ObservedSchema observed;
  observed.applied[6] = {6, "snapshots", "sum6", "", ""};
  observed.sizes = lint::TableSizes{{"users", 120000}};
  const auto planned =
      plan_migrate("staging", {.restore_point = "at-0006-T", .release = "1.3.0"},
                   {migration(6, "snapshots", "SELECT 1"), migration(7, "colours", up)}, observed);
  EXPECT_TRUE(planned) << planned.error().message;
  return *planned;
}

DeployFacts facts_with(const std::string& up) {
  DeployFacts with = facts();
  with.expansion = expansion(up);
  with.request.restore_point = "at-0006-T";
  with.new_release.schema = {7, 57};
  return with;
}

std::string text_of(const DeployFacts& facts) {
  const auto plan = plan_deploy(facts);
  return plan ? to_text(*plan) : plan.error().message + "; hint: " + plan.error().hint;
}

TEST(DeployPlan, BringsAReleaseIn) {
  EXPECT_EQ(
      text_of(facts()),
      "plan: deploy of environment staging\n"
      "  release     1.2.3 (commit 0123456789ab) → 1.3.0 (commit fedcba987654-dirty)\n"
      "  settings    green starts with the same as blue did\n"
      "  migrations  none: the schema stays at revision 6\n"
      "  capacity    1 API replica and 1 worker, as many as blue has; 1 more replica for the "
      "comparison\n"
      "              3 processes of 64.0 MiB, the largest of blue now, take about 192.0 MiB; "
      "2.0 GiB are available\n"
      "  duration    about 16 s, an estimate: 4.5 s of watching (3 times 1.5 s), and 11 s for the "
      "rest, as in the median of the last 3 that went through here\n"
      "   1. check                  see that the environment is fit for release 1.3.0\n"
      "   2. pools                  keep a place for green with release 1.3.0 and for a baseline "
      "with release 1.2.3\n"
      "   3. start-green-api-1      start green-api-1 of release 1.3.0\n"
      "   4. start-baseline-api-1   start baseline-api-1 of release 1.2.3\n"
      "   5. gate                   see each replica of green ready three times in a row, "
      "answering as 1.3.0\n"
      "   6. smoke                  run a workflow through green alone\n"
      "   7. canary-10              10 % of requests to green, 10 % to the baseline, for 1.5 s; "
      "compare them\n"
      "   8. canary-100             all requests to green for 1.5 s; watch them\n"
      "   9. start-green-worker-1   start green-worker-1 of release 1.3.0\n"
      "  10. in-use                 green is the pool in use\n"
      "  11. web                    serve the web files of 1.3.0\n"
      "  12. hand-over              blue hands over streams and executions; no request is left on "
      "it\n"
      "  13. stop-blue-worker-1     stop blue-worker-1, which hands its executions over\n"
      "  14. retire-baseline-api-1  stop and remove baseline-api-1\n"
      "  15. bake                   watch green for 1.5 s while blue is warm\n"
      "  16. retire-blue-api-1      stop blue-api-1; its release is kept for rollback (cannot be "
      "undone)\n"
      "  17. retire-blue-api-2      stop blue-api-2; its release is kept for rollback (cannot be "
      "undone)\n"
      "  18. retire-blue-worker-1   remove blue-worker-1 (cannot be undone)\n"
      "  19. forget                 green is the only pool (cannot be undone)\n");
}

TEST(DeployPlan, MigratesAfterARestorePointAndSaysWhichLocksThatTakes) {
  const std::string text = text_of(facts_with("ALTER TABLE users ADD COLUMN colour text;"));
  EXPECT_NE(text.find("  migrations  0007_colours (in one transaction)\n"
                      "                line 1: ALTER TABLE users ADD COLUMN colour text\n"
                      "                  ACCESS EXCLUSIVE on users (about 120000 rows): blocks "
                      "reads and writes\n"
                      "                  short\n"
                      "              what they add, and the restore point before them, stay when "
                      "the deploy is turned back\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("   1. check                  see that the environment is fit for release "
                      "1.3.0\n"
                      "   2. restore-point          dump the database, restore the dump beside it "
                      "and compare: at-0006-T (stays on undo)\n"
                      "   3. 0007_colours           apply in one transaction (stays on undo)\n"
                      "   4. pools "),
            std::string::npos)
      << text;
}

TEST(DeployPlan, NamesSettingsThatGreenStartsWithOtherwise) {
  DeployFacts changed = facts();
  changed.settings = {{"AUTERITY_AI_SERVICE_URL", "added", "staging.yml:12"},
                      {"JWT_SECRET_KEY", "changed", "credentials.json"}};
  EXPECT_NE(
      text_of(changed).find("  settings    AUTERITY_AI_SERVICE_URL is added (staging.yml:12)\n"
                            "              JWT_SECRET_KEY is changed (credentials.json)\n"),
      std::string::npos)
      << text_of(changed);
}

TEST(DeployPlan, SaysWhatItCannotEstimateAndWhatIsTooLittle) {
  DeployFacts poor = facts();
  poor.earlier.clear();
  poor.memory.available = 100u << 20;
  const std::string text = text_of(poor);
  EXPECT_NE(text.find("take about 192.0 MiB; 100.0 MiB are available: too little\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("  duration    longer than 4.5 s of watching (3 times 1.5 s); no deploy that "
                      "went through here says by how much\n"),
            std::string::npos)
      << text;
}

TEST(DeployPlan, IsKeptByTheJournalWithItsChanges) {
  const auto plan = plan_deploy(facts_with("ALTER TABLE users ADD COLUMN colour text;"));
  ASSERT_TRUE(plan) << plan.error().message;
  const JsonObject document = to_json(*plan);
  EXPECT_EQ(document.at("changes").at("release").at("to").at("version"), "1.3.0");
  EXPECT_EQ(document.at("changes").at("migrations").at("pending").at(0).at("name"), "0007_colours");
  EXPECT_EQ(document.at("changes").at("migrations").at("restore_point"), "at-0006-T");
  EXPECT_EQ(document.at("changes").at("capacity").at("bytes_needed"), 192u << 20);
  EXPECT_EQ(document.at("changes").at("duration").at("expected_s"), 15.5);
  const auto again = parse_plan(Json(document));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(to_text(*again), to_text(*plan));
  EXPECT_EQ(to_json(*again), document);
}

TEST(DeployPlan, OnlyMigrationsThatAddArePartOfADeploy) {
  EXPECT_EQ(text_of(facts_with("ALTER TABLE users DROP COLUMN name;")),
            "0007_colours.up.sql:1: column name of users is dropped, and release 1.2.3 may still "
            "use it: only migrations that add can be part of a deploy; hint: first ship a release "
            "that does not use it; then, in a later one, drop it and ignore this with that reason");
  // Somebody answers for it with a reason.
  EXPECT_TRUE(
      plan_deploy(facts_with("-- auterity: ignore column-dropped: unused since 1.1\n"
                             "ALTER TABLE users DROP COLUMN name;")));
}

TEST(DeployPlan, RefusesASchemaThatOneOfTheReleasesCannotServe) {
  DeployFacts outgrown = facts_with("ALTER TABLE users ADD COLUMN colour text;");
  outgrown.old_release.schema = {6, 6};
  EXPECT_EQ(text_of(outgrown),
            "release 1.3.0 brings the schema to revision 7; release 1.2.3, which goes on beside "
            "it, works with 6 to 6; hint: deploy a release between the two first");
  DeployFacts old = facts();
  old.schema_revision = 60;
  EXPECT_EQ(text_of(old),
            "release 1.3.0 cannot serve this database: its schema has revision 60, and the release "
            "works with 6 to 56; hint: deploy a release that works with it; going back loses what "
            "the later migrations added: auterity migrate down --to 56");
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

DeployFacts rollback() {
  DeployFacts back = facts();
  back.rollback = true;
  back.request.canary = {100};
  back.request.bake = {};
  return back;
}

TEST(RollbackPlan, NeitherChecksNorMigrates) {
  const auto plan = plan_deploy(rollback());
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->operation, "rollback");
  EXPECT_EQ(plan->steps.front().name, "pools");
}

TEST(RollbackPlan, StartsNoBaselineWhichNoStageComparesWith) {
  DeployFacts first = rollback();
  first.earlier.clear();
  EXPECT_EQ(
      text_of(first),
      "plan: rollback of environment staging\n"
      "  release     1.2.3 (commit 0123456789ab) → 1.3.0 (commit fedcba987654-dirty)\n"
      "  settings    green starts with the same as blue did\n"
      "  migrations  none: the schema stays at revision 6\n"
      "  capacity    1 API replica and 1 worker, as many as blue has\n"
      "              2 processes of 64.0 MiB, the largest of blue now, take about 128.0 MiB; "
      "2.0 GiB are available\n"
      "  duration    not known: no rollback went through here yet\n"
      "   1. pools                 keep a place for green with release 1.3.0\n"
      "   2. start-green-api-1     start green-api-1 of release 1.3.0\n"
      "   3. gate                  see each replica of green ready three times in a row, answering "
      "as 1.3.0\n"
      "   4. smoke                 run a workflow through green alone\n"
      "   5. canary-100            all requests to green until enough requests were answered; "
      "watch them\n"
      "   6. start-green-worker-1  start green-worker-1 of release 1.3.0\n"
      "   7. in-use                green is the pool in use\n"
      "   8. web                   serve the web files of 1.3.0\n"
      "   9. hand-over             blue hands over streams and executions; no request is left on "
      "it\n"
      "  10. stop-blue-worker-1    stop blue-worker-1, which hands its executions over\n"
      "  11. bake                  watch green until enough requests were answered while blue is "
      "warm\n"
      "  12. retire-blue-api-1     stop blue-api-1; its release is kept for rollback (cannot be "
      "undone)\n"
      "  13. retire-blue-api-2     stop blue-api-2; its release is kept for rollback (cannot be "
      "undone)\n"
      "  14. retire-blue-worker-1  remove blue-worker-1 (cannot be undone)\n"
      "  15. forget                green is the only pool (cannot be undone)\n");
  EXPECT_NE(text_of(rollback())
                .find("  duration    about 11 s, an estimate: as in the median of "
                      "the last 3 that went through here\n"),
            std::string::npos)
      << text_of(rollback());
  EXPECT_EQ(pools_text(with_new_pools(platform(), rollback().request)),
            "blue 1.2.3 100; green 1.3.0 0; ");
}

TEST(RollbackPlan, RefusesWhenTheSchemaCanNoLongerServeTheOldRelease) {
  DeployFacts outgrown = rollback();
  outgrown.schema_revision = 57;
  EXPECT_EQ(plan_deploy(outgrown).error().kind, ErrorKind::conflict);
  EXPECT_NE(
      text_of(outgrown).find("its schema has revision 57, and the release works with 6 to 56"),
      std::string::npos);
  DeployFacts unmigrated = rollback();
  unmigrated.schema_revision = 5;
  EXPECT_NE(text_of(unmigrated).find("its migrations are not all applied: deploy it instead"),
            std::string::npos);
}

TEST(DeployPlan, NamesOfCanaryStepsSayTheirPercentage) {
  EXPECT_EQ(canary_percent("canary-50"), 50);
  EXPECT_EQ(canary_percent("bake"), 0);
}

TEST(DeployRequestTest, SurvivesTheJournal) {
  DeployRequest request = facts().request;
  request.restore_point = "at-0006-T";
  const auto again = parse_deploy_request(to_json(request));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(to_json(*again), to_json(request));
  EXPECT_FALSE(parse_deploy_request({}));
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
