// Golden plans of up and down.
#include <gtest/gtest.h>

#include "operations/up/down.h"
#include "operations/up/up.h"

namespace auterity::operations {
namespace {

local::Platform platform() {
  local::Platform made;
  made.layout = {"/h", "staging", "/run/s", "/etc/auterity"};
  made.service_user = "auterity";
  made.drops_privileges = true;
  made.public_port = 8001;
  made.postgres_port = 25432;
  made.pool().version = "1.2.3";
  made.backups = {"/h/backups", "/etc/auterity/staging-backup.key"};
  made.credentials.email = "admin@auterity.local";
  return made;
}

TEST(UpPlan, FromNothing) {
  EXPECT_EQ(
      to_text(plan_up(platform(), {})),
      "plan: up of environment staging\n"
      "   1. service-user      create the system user auterity that services run as (on undo: "
      "keep)\n"
      "   2. state-folder      create /h/staging with its folders (on undo: keep)\n"
      "   3. credentials       create passwords and keys in /h/staging/credentials.json (on undo: "
      "keep)\n"
      "   4. backup-key        create the key that seals backups, /etc/auterity/staging-backup.key "
      "(on "
      "undo: keep)\n"
      "   5. release           install release 1.2.3 (on undo: keep)\n"
      "   6. supervisor        start the supervisor, s6-svscan (on undo: undo)\n"
      "   7. postgres-cluster  initialise PostgreSQL's data folder with checksums (on undo: keep)\n"
      "   8. postgres          start PostgreSQL on 127.0.0.1:25432, archiving to "
      "/h/backups/staging/wal "
      "(on undo: undo)\n"
      "   9. database          create the role and the database auterity (on undo: keep)\n"
      "  10. schema            apply the release's migrations (on undo: keep)\n"
      "  11. redis             start Redis on a unix socket (on undo: undo)\n"
      "  12. blue-api-1        start blue-api-1 of release 1.2.3 (on undo: undo)\n"
      "  13. blue-api-2        start blue-api-2 of release 1.2.3 (on undo: undo)\n"
      "  14. blue-worker-1     start blue-worker-1 of release 1.2.3 (on undo: undo)\n"
      "  15. administrator     create the first administrator, admin@auterity.local (on undo: "
      "keep)\n"
      "  16. nginx             start nginx for the web interface (on undo: undo)\n"
      "  17. haproxy           start HAProxy on 127.0.0.1:8001 (on undo: undo)\n"
      "  18. health            see the platform healthy at http://localhost:8001 (on undo: "
      "keep)\n");
}

ObservedPlatform everything_holds(const local::Platform& made) {
  ObservedPlatform observed;
  for (const std::string& name : up_step_names(made)) observed.holds[name] = true;
  observed.installed_services = made.service_names();
  return observed;
}

TEST(UpPlan, NothingToDoWhenEverythingHolds) {
  EXPECT_TRUE(plan_up(platform(), everything_holds(platform())).steps.empty());
}

TEST(UpPlan, RetiresWhatIsTooMuchBeforeItJudgesHealth) {
  local::Platform fewer = platform();
  ObservedPlatform observed = everything_holds(fewer);
  observed.installed_services = {"blue-api-1", "blue-api-2", "blue-worker-1", "postgres"};
  fewer.pool().replicas = 1;
  fewer.pool().workers = 0;
  observed.holds["haproxy"] = false;
  const Plan plan = plan_up(fewer, observed);
  ASSERT_EQ(plan.steps.size(), 3u) << to_text(plan);
  EXPECT_EQ(plan.steps[0].name, "haproxy");
  EXPECT_EQ(plan.steps[1].name, "retire-blue-api-2");
  EXPECT_EQ(plan.steps[2].name, "retire-blue-worker-1");
}

TEST(UpPlan, ASupervisorThatAdoptsRunningServicesIsNotEndedOnUndo) {
  ObservedPlatform observed = everything_holds(platform());
  observed.holds["supervisor"] = false;
  const Plan plan = plan_up(platform(), observed);
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(plan.steps[0].undo_policy, UndoPolicy::keep);
}

TEST(DownPlan, FromThePublicPortInwards) {
  EXPECT_EQ(to_text(plan_down("staging",
                              {"blue-api-1", "blue-api-2", "blue-worker-1", "haproxy", "nginx",
                               "postgres", "redis"},
                              true, true)),
            "plan: down of environment staging\n"
            "   1. stop-haproxy        stop haproxy (on undo: undo)\n"
            "   2. stop-nginx          stop nginx (on undo: undo)\n"
            "   3. stop-blue-worker-1  stop blue-worker-1 (on undo: undo)\n"
            "   4. stop-blue-api-1     stop blue-api-1 (on undo: undo)\n"
            "   5. stop-blue-api-2     stop blue-api-2 (on undo: undo)\n"
            "   6. stop-redis          stop redis (on undo: undo)\n"
            "   7. stop-postgres       stop postgres (on undo: undo)\n"
            "   8. stop-supervisor     end the supervisor, s6-svscan (on undo: undo)\n"
            "   9. run-folder          remove the folder of the services' sockets (on undo: "
            "undo)\n");
  EXPECT_TRUE(plan_down("staging", {}, false, false).steps.empty());
}

}  // namespace
}  // namespace auterity::operations
