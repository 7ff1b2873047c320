// Golden plans of up and down.
#include <gtest/gtest.h>

#include "harness/staging_platform.h"
#include "operations/up/down.h"
#include "operations/up/up.h"

namespace auterity::operations {
namespace {

using harness::staging_platform;

TEST(UpPlan, FromNothing) {
  EXPECT_EQ(
      to_text(plan_up(staging_platform(), {})),
      "plan: up of environment staging\n"
      "   1. service-user      create the system user auterity that services run as (stays on "
      "undo)\n"
      "   2. state-folder      create /h/staging with its folders (stays on undo)\n"
      "   3. credentials       create passwords and keys in /h/staging/credentials.json (stays on "
      "undo)\n"
      "   4. backup-key        create the key that seals backups, /etc/auterity/staging-backup.key "
      "(stays on undo)\n"
      "   5. release           install release 1.2.3 (stays on undo)\n"
      "   6. supervisor        start the supervisor, s6-svscan\n"
      "   7. postgres-cluster  initialise PostgreSQL's data folder with checksums (stays on undo)\n"
      "   8. postgres          start PostgreSQL on 127.0.0.1:25432\n"
      "   9. wal-shipper       start shipping the database's log to /h/backups\n"
      "  10. database          create the role and the database auterity (stays on undo)\n"
      "  11. schema            apply the release's migrations (stays on undo)\n"
      "  12. redis             start Redis on a unix socket\n"
      "  13. blue-api-1        start blue-api-1 of release 1.2.3\n"
      "  14. blue-api-2        start blue-api-2 of release 1.2.3\n"
      "  15. blue-worker-1     start blue-worker-1 of release 1.2.3\n"
      "  16. administrator     create the first administrator, admin@auterity.local (stays on "
      "undo)\n"
      "  17. nginx             start nginx for the web interface\n"
      "  18. haproxy           start HAProxy on 127.0.0.1:8001\n"
      "  19. health            see the platform healthy at http://localhost:8001\n");
}

ObservedPlatform everything_holds(const local::Platform& made) {
  ObservedPlatform observed;
  for (const std::string& name : up_step_names(made)) observed.holds[name] = true;
  observed.installed_services = made.service_names();
  return observed;
}

TEST(UpPlan, NothingToDoWhenEverythingHolds) {
  EXPECT_TRUE(plan_up(staging_platform(), everything_holds(staging_platform())).steps.empty());
}

TEST(UpPlan, RetiresWhatIsTooMuchBeforeItJudgesHealth) {
  local::Platform fewer = staging_platform();
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
  ObservedPlatform observed = everything_holds(staging_platform());
  observed.holds["supervisor"] = false;
  const Plan plan = plan_up(staging_platform(), observed);
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(plan.steps[0].undo_policy, UndoPolicy::keep);
}

TEST(DownPlan, FromThePublicPortInwards) {
  EXPECT_EQ(to_text(plan_down("staging",
                              {"blue-api-1", "blue-api-2", "blue-worker-1", "haproxy", "nginx",
                               "postgres", "redis"},
                              true, true)),
            "plan: down of environment staging\n"
            "   1. stop-haproxy        stop haproxy\n"
            "   2. stop-nginx          stop nginx\n"
            "   3. stop-blue-worker-1  stop blue-worker-1\n"
            "   4. stop-blue-api-1     stop blue-api-1\n"
            "   5. stop-blue-api-2     stop blue-api-2\n"
            "   6. stop-redis          stop redis\n"
            "   7. stop-postgres       stop postgres\n"
            "   8. stop-supervisor     end the supervisor, s6-svscan\n"
            "   9. run-folder          remove the folder of the services' sockets\n");
  EXPECT_TRUE(plan_down("staging", {}, false, false).steps.empty());
}

}  // namespace
}  // namespace auterity::operations
