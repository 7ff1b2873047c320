// Golden plans of a recovery, what it measures, and what the journal keeps of it.
#include "operations/recover/recover_plan.h"
#include "harness/staging_platform.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "operations/recover/interrupted_work.h"
#include "operations/recover/measures.h"
#include "operations/recover/recover_request.h"

namespace auterity::operations {
namespace {

using namespace std::chrono_literals;

const Time kTaken = *parse_rfc3339("2026-11-24T10:00:00Z");

backup::CatalogueEntry backup_of(std::string_view id, backup::BackupKind kind, bool proven) {
  backup::CatalogueEntry entry;
  entry.manifest = backup::BackupManifest{.id = *parse_uuid(id), .kind = kind, .taken_at = kTaken};
  if (kind != backup::BackupKind::data) entry.manifest->database = backup::DatabasePart{};
  if (kind != backup::BackupKind::database) entry.manifest->data = backup::DataPart{.uploads = 12};
  if (proven) entry.verification = backup::Verification{.passed = true};
  return entry;
}

local::Platform platform() {
  local::Platform made = harness::staging_platform();
  made.pool().replicas = 1;
  return made;
}

constexpr std::string_view kAll = "019372a0-0000-7abc-8def-000000000001";
constexpr std::string_view kDatabase = "019372a0-0000-7abc-8def-000000000002";

TEST(RecoverPlan, OfAPlatformThatIsGone) {
  const auto all = backup_of(kAll, backup::BackupKind::all, true);
  EXPECT_EQ(
      to_text(plan_recover({.source = "staging",
                            .backups = {all, all},
                            .to = std::nullopt,
                            .platform = platform(),
                            .release_there = "1.2.3"})),
      "plan: recover of environment staging\n"
      "  database  all backup 019372a0-0000-7abc-8def-000000000001 of 2026-11-24T10:00:00Z, "
      "proven\n"
      "            with the log to its end\n"
      "  files     all backup 019372a0-0000-7abc-8def-000000000001 of 2026-11-24T10:00:00Z, "
      "proven\n"
      "  release   1.2.3\n"
      "   1. service-user   create the system user auterity that services run as (stays on undo)\n"
      "   2. state-folder   create /h/staging with its folders (stays on undo)\n"
      "   3. credentials    write the platform's passwords and keys to /h/staging/credentials.json "
      "(stays on undo)\n"
      "   4. backup-key     create the key that seals backups, /etc/auterity/staging-backup.key "
      "(stays on undo)\n"
      "   5. release        install release 1.2.3 (stays on undo)\n"
      "   6. supervisor     start the supervisor, s6-svscan\n"
      "   7. data-folder    restore the cluster of 2026-11-24T10:00:00Z, each file compared\n"
      "   8. recovery       start PostgreSQL on 127.0.0.1:25432 and have it replay the log to its "
      "end\n"
      "   9. wal-shipper    start shipping the database's log to /h/backups\n"
      "  10. uploads        bring back 12 uploads and payloads, each compared with its hash (stays "
      "on undo)\n"
      "  11. schema         apply the release's migrations (stays on undo)\n"
      "  12. executions     look through what was under way: what is repeated, what fires late, "
      "what lacks (cannot be undone)\n"
      "  13. redis          start Redis on a unix socket\n"
      "  14. blue-api-1     start blue-api-1 of release 1.2.3\n"
      "  15. nginx          start nginx for the web interface\n"
      "  16. haproxy        start HAProxy on 127.0.0.1:8001\n"
      "  17. health         see the platform healthy at http://localhost:8001\n"
      "  18. blue-worker-1  start blue-worker-1 of release 1.2.3\n"
      "  19. report         measure how much was lost and how long it took (stays on undo)\n");
}

TEST(RecoverPlan, InPlaceToATimeFromANamedOne) {
  EXPECT_EQ(
      to_text(plan_recover(
          {.source = "production",
           .backups = {backup_of(kDatabase, backup::BackupKind::database, false), std::nullopt},
           .to = kTaken + 1h,
           .platform = platform(),
           .release_there = "1.3.0",
           .stops = {{"stop-postgres", "stop postgres", UndoPolicy::undo}},
           .has_data = true,
           .surplus = {"green-api-1"}})),
      "plan: recover of environment staging\n"
      "  database  database backup 019372a0-0000-7abc-8def-000000000002 of 2026-11-24T10:00:00Z, "
      "unproven\n"
      "            nobody has restored and compared it yet: taken since it was named\n"
      "            with the log up to 2026-11-24T11:00:00Z\n"
      "  files     no backup of uploads and configuration: what is in this environment's folder "
      "stays\n"
      "  release   1.2.3, since 1.3.0 is not on this machine\n"
      "  source    the backups of environment production\n"
      "   1. stop-postgres       stop postgres\n"
      "   2. put-aside           put the data in /h/staging aside\n"
      "   3. service-user        create the system user auterity that services run as (stays on "
      "undo)\n"
      "   4. state-folder        create /h/staging with its folders (stays on undo)\n"
      "   5. credentials         write the platform's passwords and keys to "
      "/h/staging/credentials.json (stays on undo)\n"
      "   6. backup-key          create the key that seals backups, "
      "/etc/auterity/staging-backup.key (stays on undo)\n"
      "   7. release             install release 1.2.3 (stays on undo)\n"
      "   8. supervisor          start the supervisor, s6-svscan\n"
      "   9. data-folder         restore the cluster of 2026-11-24T10:00:00Z, each file compared\n"
      "  10. recovery            start PostgreSQL on 127.0.0.1:25432 and have it replay the log up "
      "to 2026-11-24T11:00:00Z\n"
      "  11. wal-shipper         start shipping the database's log to /h/backups\n"
      "  12. uploads             look which uploads of the database are there (stays on undo)\n"
      "  13. schema              apply the release's migrations (stays on undo)\n"
      "  14. executions          look through what was under way: what is repeated, what fires "
      "late, what lacks (cannot be undone)\n"
      "  15. redis               start Redis on a unix socket\n"
      "  16. blue-api-1          start blue-api-1 of release 1.2.3\n"
      "  17. nginx               start nginx for the web interface\n"
      "  18. haproxy             start HAProxy on 127.0.0.1:8001\n"
      "  19. health              see the platform healthy at http://localhost:8001\n"
      "  20. blue-worker-1       start blue-worker-1 of release 1.2.3\n"
      "  21. retire-green-api-1  stop and remove green-api-1 (stays on undo)\n"
      "  22. report              measure how much was lost and how long it took (stays on undo)\n");
}

TEST(RecoverRequest, ComesBackFromTheJournal) {
  const RecoverRequest request{.source = "production",
                               .backup = std::string(kDatabase),
                               .files = std::string(kAll),
                               .to = kTaken + 1h,
                               .begun_at = kTaken + 2h,
                               .facts = local::kept_facts(platform())};
  const auto again = parse_recover_request(to_json(request));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(to_json(*again), to_json(request));
  EXPECT_EQ(again->to, request.to);
  for (const char* member : {"source", "backup", "begun_at", "platform"}) {
    JsonObject damaged = to_json(request);
    damaged.erase(member);
    EXPECT_FALSE(parse_recover_request(damaged)) << member;
  }
}

TEST(RecoveryMeasures, CountFromTheLastWriteToWhatIsKnownOfTheLoss) {
  RecoveryFacts facts{.begun_at = kTaken + 10s,
                      .ended_at = kTaken + 40s,
                      .to = std::nullopt,
                      .last_write = kTaken + 9s};
  EXPECT_EQ(measure(facts).lost, 1s);
  EXPECT_EQ(measure(facts).took, 30s);
  facts.lost_upload = kTaken;
  EXPECT_EQ(measure(facts).lost, 10s);
  EXPECT_EQ(measure(facts).lost_rows, 1s);
  facts = {.begun_at = kTaken + 1h,
           .ended_at = kTaken + 2h,
           .to = kTaken + 5s,
           .last_write = kTaken + 2s};
  EXPECT_EQ(measure(facts).lost, 3s);
  facts.reached_time = true;
  EXPECT_EQ(measure(facts).lost, 0s);
}

TEST(InterruptedWork, SaysOfEachHowItGoesOn) {
  const auto outlook = [](InterruptedExecution execution) {
    return std::string(string_or(to_json(execution, kTaken).if_contains("outlook"), ""));
  };
  EXPECT_EQ(outlook({.wakes_by = "lease"}), "repeats what it did after its last event");
  EXPECT_EQ(outlook({.wakes_by = "timer", .due = kTaken}),
            "its timer fell due meanwhile and fires once");
  EXPECT_EQ(outlook({.wakes_by = "timer", .due = kTaken + 1s}), "goes on waiting");
  EXPECT_EQ(outlook({.wakes_by = "subscription"}), "goes on waiting");
  EXPECT_EQ(outlook({.wakes_by = "ready"}), "goes on");
  EXPECT_EQ(outlook({.wakes_by = "lease", .damage = "its state is missing"}), "cannot go on");
  const auto counts =
      count({{.wakes_by = "lease"}, {.wakes_by = "timer", .due = kTaken}, {.damage = "x"}}, kTaken);
  EXPECT_EQ(counts.all, 3u);
  EXPECT_EQ(counts.repeated, 1u);
  EXPECT_EQ(counts.late, 1u);
  EXPECT_EQ(counts.damaged, 1u);
}

}  // namespace
}  // namespace auterity::operations
