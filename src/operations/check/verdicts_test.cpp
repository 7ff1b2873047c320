// Every verdict of every check, out of scripted facts.
#include "operations/check/verdicts.h"

#include <gtest/gtest.h>

#include <map>

namespace auterity::operations::check {
namespace {

using enum Verdict;
using namespace std::chrono_literals;

constexpr std::uint64_t kGibibyte = 1u << 30;
const Time kNow = parse_rfc3339("2026-03-01T12:00:00Z").value();

std::map<std::string, Judgement> by_id(const Findings& findings) {
  std::map<std::string, Judgement> map;
  if (findings)
    for (const Finding& finding : *findings) map[finding.id] = finding.judgement;
  return map;
}

Error error(ErrorKind kind, std::string message = "it does not answer") {
  return {kind, std::move(message), "ask again"};
}
template <typename Facts>
Result<Facts> unknown(ErrorKind kind) {
  return std::unexpected(error(kind));
}

TEST(CheckVerdicts, SecretsAreStrongOrRefusedWithoutBeingShown) {
  const std::pair<std::string, Verdict> cases[] = {
      {"", fail},
      {"changeme", fail},
      {"my-changeme-key-that-is-long-enough-to-pass", fail},
      {"short5Q!x", fail},
      {std::string(64, 'a'), fail},
      {"abababababababababababababababababababab", fail},
      {"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", pass},
  };
  for (const auto& [value, verdict] : cases) {
    const Judgement judgement = judge_secret("JWT_SECRET_KEY", value, 32);
    EXPECT_EQ(judgement.verdict, verdict) << value;
    if (value.empty()) continue;
    EXPECT_EQ((judgement.evidence + judgement.hint).find(value), std::string::npos) << value;
  }
}

TEST(CheckVerdicts, PasswordsOfUrlsAreFoundAndNotShown) {
  const std::pair<std::string, Verdict> cases[] = {
      {"", fail},
      {"postgresql://auterity:postgres@db:5432/auterity", fail},
      {"postgresql://auterity:pw@db:5432/auterity", fail},
      {"postgresql://auterity:c2f1e0a94b7d8e63@db:5432/auterity", pass},
      {"postgresql:///auterity?host=/run/auterity", pass},
      {"unix:///run/redis.sock?db=0&password=redis", fail},
      {"unix:///run/redis.sock?db=0&password=c2f1e0a94b7d8e63", pass},
      {"redis://localhost:6379/0", pass},
  };
  for (const auto& [url, verdict] : cases) {
    const Judgement judgement = judge_url_password("A_URL", url);
    EXPECT_EQ(judgement.verdict, verdict) << url;
    EXPECT_EQ(judgement.evidence.find("c2f1"), std::string::npos);
    EXPECT_EQ(judgement.evidence.find("@db"), std::string::npos);
  }
}

TEST(CheckVerdicts, DatabaseFactsAreWeighed) {
  Result<DatabaseFacts> facts = DatabaseFacts{.version = 150004,
                                              .can_create = true,
                                              .slots_most = 10,
                                              .connections_used = 10,
                                              .connections_most = 200,
                                              .connections_needed = 24};
  auto found = by_id(judge_database(facts));
  EXPECT_EQ(found.size(), 7u);
  for (const auto& [id, judgement] : found) EXPECT_EQ(judgement.verdict, pass) << id;
  EXPECT_EQ(found["database-version"].evidence, "PostgreSQL 15.4");
  facts->connections_needed = 100;
  EXPECT_EQ(by_id(judge_database(facts))["database-connections"].verdict, warn);
  *facts = {.version = 140010,
            .missing_extensions = {"pg_stat_statements"},
            .slots_most = 10,
            .slots_inactive = 1,
            .connections_used = 10,
            .connections_most = 200,
            .connections_needed = 191};
  found = by_id(judge_database(facts));
  EXPECT_EQ(found["database-version"].verdict, fail);
  EXPECT_EQ(found["database-privileges"].verdict, fail);
  EXPECT_EQ(found["database-extensions"].verdict, warn);
  EXPECT_EQ(found["database-replication-slots"].verdict, warn);
  EXPECT_EQ(found["database-connections"].verdict, fail);
  const std::pair<Duration, Verdict> clocks[] = {
      {999ms, pass}, {-1s, warn}, {29s, warn}, {-30s, fail}};
  for (const auto& [difference, verdict] : clocks) {
    facts->clock_difference = difference;
    EXPECT_EQ(by_id(judge_database(facts))["clock"].verdict, verdict) << difference.count();
  }
}

TEST(CheckVerdicts, ADatabaseThatDoesNotAnswerFailsAndHidesTheRestOfItsChecks) {
  for (const ErrorKind kind : {ErrorKind::unavailable, ErrorKind::timeout, ErrorKind::internal}) {
    auto found = by_id(judge_database(unknown<DatabaseFacts>(kind)));
    EXPECT_EQ(found.size(), 7u);
    for (const auto& [id, judgement] : found) {
      EXPECT_EQ(judgement.verdict, id == "database-reachable" ? fail : skipped) << id;
      EXPECT_FALSE(judgement.evidence.contains("it does not answer")) << "it may name hosts";
    }
  }
  EXPECT_FALSE(judge_database(unknown<DatabaseFacts>(ErrorKind::not_ready)))
      << "nowhere to ask: all of them are skipped";
}

TEST(CheckVerdicts, StoresAreReachedWrittenToAndTidiedUp) {
  Result<StoresFacts> facts = StoresFacts{.redis = "PONG", .writable = true, .user = "auterity"};
  EXPECT_EQ(by_id(judge_stores(facts))["redis-reachable"].verdict, pass);
  EXPECT_EQ(by_id(judge_stores(facts))["object-store"].verdict, pass);
  facts->redis = "-LOADING";
  facts->leftover = "/objects/@check-1";
  EXPECT_EQ(by_id(judge_stores(facts))["redis-reachable"].verdict, fail);
  EXPECT_EQ(by_id(judge_stores(facts))["object-store"].verdict, warn);
  facts->redis = std::unexpected(error(ErrorKind::unavailable));
  facts->writable = false;
  EXPECT_EQ(by_id(judge_stores(facts))["redis-reachable"].verdict, fail);
  EXPECT_EQ(by_id(judge_stores(facts))["object-store"].verdict, fail);
  facts->redis = std::unexpected(error(ErrorKind::not_ready));
  facts->writable = std::unexpected(error(ErrorKind::not_ready));
  EXPECT_EQ(by_id(judge_stores(facts))["redis-reachable"].verdict, skipped);
  EXPECT_EQ(by_id(judge_stores(facts))["object-store"].verdict, skipped);
}

TEST(CheckVerdicts, TheMachineHasFloorsAndWhatItDoesNotTellIsSkipped) {
  Result<MachineFacts> facts = MachineFacts{.disk = SpaceFacts{50 * kGibibyte, 100 * kGibibyte},
                                            .memory = SpaceFacts{4 * kGibibyte, 8 * kGibibyte},
                                            .open_files = 65536,
                                            .clock = KernelClockFacts{true, 20ms},
                                            .port = {.port = 8000, .free = true},
                                            .processes = 3};
  const auto verdict_of = [&](const std::string& id) {
    return by_id(judge_machine(facts))[id].verdict;
  };
  for (const auto& [id, judgement] : by_id(judge_machine(facts)))
    EXPECT_EQ(judgement.verdict, pass) << id;
  facts->disk = SpaceFacts{kGibibyte - 1, 10 * kGibibyte};
  EXPECT_EQ(verdict_of("disk"), fail);
  facts->disk = SpaceFacts{2 * kGibibyte, 100 * kGibibyte};
  EXPECT_EQ(verdict_of("disk"), warn);
  facts->memory = SpaceFacts{500u << 20, 8 * kGibibyte};
  EXPECT_EQ(verdict_of("memory"), warn);
  facts->memory = SpaceFacts{(192u << 20) - 1, kGibibyte};
  EXPECT_EQ(verdict_of("capacity"), fail) << "nobody runs: 64 MiB each are supposed";
  facts->memory = SpaceFacts{192u << 20, kGibibyte};
  EXPECT_EQ(verdict_of("capacity"), pass);
  facts->process_bytes = 65u << 20;
  EXPECT_EQ(by_id(judge_machine(facts))["capacity"].evidence,
            "a deploy adds 3 processes of 65.0 MiB, the largest now, which take about 195.0 MiB; "
            "192.0 MiB are available");
  EXPECT_EQ(verdict_of("capacity"), fail) << "what is measured counts";
  facts->memory = SpaceFacts{100u << 20, 8 * kGibibyte};
  EXPECT_EQ(verdict_of("memory"), fail);
  const std::pair<std::uint64_t, Verdict> limits[] = {{1023, fail}, {1024, warn}, {4096, pass}};
  for (const auto& [files, verdict] : limits) {
    facts->open_files = files;
    EXPECT_EQ(verdict_of("file-limit"), verdict) << files;
  }
  facts->clock = KernelClockFacts{true, 2s};
  EXPECT_EQ(verdict_of("clock-synchronised"), warn);
  facts->clock = KernelClockFacts{false, 0s};
  EXPECT_EQ(verdict_of("clock-synchronised"), warn);
  facts->port = {.port = 8000, .program = "nginx", .pid = 7};
  EXPECT_EQ(by_id(judge_machine(facts))["ports"].evidence, "port 8000 is taken by nginx (pid 7)");
  facts->port = {.port = 8000};
  EXPECT_EQ(verdict_of("ports"), fail);
  facts->port.own = true;
  EXPECT_EQ(verdict_of("ports"), pass);
  facts->disk = facts->memory = std::unexpected(error(ErrorKind::unavailable));
  facts->open_files = std::unexpected(error(ErrorKind::unavailable));
  facts->clock = std::unexpected(error(ErrorKind::unavailable));
  for (const char* id : {"disk", "memory", "capacity", "file-limit", "clock-synchronised"})
    EXPECT_EQ(verdict_of(id), skipped) << id;
}

TEST(CheckVerdicts, CertificatesExpireAndAreTrustedOrNot) {
  struct Case {
    Duration left;
    std::string fault;
    bool must_be_trusted;
    Verdict verdict;
  };
  const Case cases[] = {{std::chrono::days(30), "", true, pass},
                        {std::chrono::days(30) - 1s, "", true, warn},
                        {std::chrono::days(7), "", true, warn},
                        {std::chrono::days(7) - 1s, "", true, fail},
                        {-1s, "", true, fail},
                        {std::chrono::days(90), "self-signed certificate", true, fail},
                        {std::chrono::days(90), "self-signed certificate", false, warn}};
  for (const Case& example : cases) {
    CertificatesFacts facts{.now = kNow};
    facts.found = {{"REDIS_URL", kNow + example.left, example.fault, example.must_be_trusted}};
    EXPECT_EQ(by_id(judge_certificates(facts))["certificates"].verdict, example.verdict)
        << example.left.count() << example.fault;
  }
  CertificatesFacts several{.now = kNow};
  EXPECT_EQ(by_id(judge_certificates(several))["certificates"].verdict, skipped) << "none";
  several.found = {{"DATABASE_URL", kNow + std::chrono::days(90), "", true}};
  several.unknown = {"REDIS_URL: no connection"};
  const Judgement judgement = by_id(judge_certificates(several))["certificates"];
  EXPECT_EQ(judgement.verdict, skipped) << "what was not seen is not good";
  EXPECT_EQ(judgement.evidence,
            "REDIS_URL: no connection; DATABASE_URL's certificate is good for 90 days");
}

TEST(CheckVerdicts, AReleaseIsThereWholeAndHasOneToGoBackTo) {
  ReleaseFacts facts{.version = "1.4.0", .there = true, .digest = "0123456789abcdef"};
  EXPECT_EQ(by_id(judge_release(facts))["release"].evidence,
            "release 1.4.0 is whole, digest 0123456789ab");
  EXPECT_EQ(by_id(judge_release(facts))["rollback-artefact"].verdict, warn);
  facts.rollback = "1.3.0";
  EXPECT_EQ(by_id(judge_release(facts))["rollback-artefact"].verdict, pass);
  facts.damage = {"auterity differs", "web/index.html is missing"};
  facts.rollback_damage = {"auterity differs"};
  EXPECT_EQ(by_id(judge_release(facts))["release"].evidence,
            "release 1.4.0 is damaged: auterity differs and 1 more");
  EXPECT_EQ(by_id(judge_release(facts))["rollback-artefact"].verdict, fail);
  facts.there = false;
  EXPECT_EQ(by_id(judge_release(facts))["release"].verdict, fail);
}

TEST(CheckVerdicts, MigrationsArePlannedLintedAndRehearsed) {
  MigrationsFacts facts;
  for (const auto& [id, judgement] : by_id(judge_migrations(facts)))
    EXPECT_EQ(judgement.verdict, pass) << id;
  facts.pending = {"0007_colours"};
  facts.rehearsal = "1 went up";
  EXPECT_EQ(by_id(judge_migrations(facts))["migrations-planned"].evidence,
            "1 pending: 0007_colours");
  EXPECT_EQ(by_id(judge_migrations(facts))["migrations-rehearsed"].evidence, "1 went up");
  facts.lint_findings = 2;
  EXPECT_EQ(by_id(judge_migrations(facts))["migrations-linted"].verdict, fail);
  facts.rehearsal = std::unexpected(error(ErrorKind::failed, "0007_colours.up.sql: line 2: no"));
  EXPECT_EQ(by_id(judge_migrations(facts))["migrations-rehearsed"].verdict, fail);
  EXPECT_EQ(by_id(judge_migrations(facts))["migrations-rehearsed"].evidence,
            "0007_colours.up.sql: line 2: no");
  facts.rehearsal = std::unexpected(error(ErrorKind::forbidden));
  EXPECT_EQ(by_id(judge_migrations(facts))["migrations-rehearsed"].verdict, skipped);
  for (const ErrorKind kind : {ErrorKind::conflict, ErrorKind::unavailable}) {
    auto found = by_id(judge_migrations(unknown<MigrationsFacts>(kind)));
    EXPECT_EQ(found["migrations-planned"].verdict, kind == ErrorKind::conflict ? fail : skipped);
    EXPECT_EQ(found["migrations-linted"].verdict, skipped);
    EXPECT_EQ(found["migrations-rehearsed"].verdict, skipped);
  }
}

TEST(CheckVerdicts, AReleaseThatWasTriedAndDidNotServeFails) {
  EXPECT_EQ(by_id(judge_smoke(SmokeFacts{.version = "1.4.0"}))["smoke-test"].verdict, pass);
  EXPECT_EQ(by_id(judge_smoke(unknown<SmokeFacts>(ErrorKind::failed)))["smoke-test"].verdict, fail);
  for (const ErrorKind kind : {ErrorKind::forbidden, ErrorKind::unavailable, ErrorKind::not_ready})
    EXPECT_EQ(by_id(judge_smoke(unknown<SmokeFacts>(kind)))["smoke-test"].verdict, skipped);
}

TEST(CheckVerdicts, OperationsAreNamedThatHoldTheLockOrWereInterrupted) {
  OperationsFacts facts;
  EXPECT_EQ(by_id(judge_operations(facts))["lock"].verdict, pass);
  EXPECT_EQ(by_id(judge_operations(facts))["unfinished-operation"].verdict, pass);
  facts.unfinished = "0198-deploy";
  EXPECT_EQ(by_id(judge_operations(facts))["unfinished-operation"].verdict, fail);
  facts.unfinished = std::unexpected(error(ErrorKind::invalid_input));
  EXPECT_EQ(by_id(judge_operations(facts))["unfinished-operation"].verdict, skipped);
  facts.locked = true;
  facts.lock = "ada@sea holds the lock";
  EXPECT_EQ(by_id(judge_operations(facts))["lock"].evidence, "ada@sea holds the lock");
  EXPECT_EQ(by_id(judge_operations(facts))["unfinished-operation"].verdict, skipped);
}

TEST(CheckVerdicts, ABackupCountsOnceProvenAndWhileItIsFresh) {
  BackupFacts facts{.now = kNow};
  EXPECT_EQ(by_id(judge_backups(facts))["backup-age"].verdict, fail);
  facts.missing_is_warning = true;
  EXPECT_EQ(by_id(judge_backups(facts))["backup-age"].verdict, warn);
  facts.unknown = {"logical restore points: it cannot be read"};
  EXPECT_EQ(by_id(judge_backups(facts))["backup-age"].verdict, skipped);
  facts.count = 3;
  facts.kind = "logical restore point";
  facts.taken_at = kNow - 26h;
  facts.verified_at = kNow - 25h;
  EXPECT_EQ(by_id(judge_backups(facts))["backup-age"].verdict, pass);
  EXPECT_EQ(by_id(judge_backups(facts))["backup-age"].evidence,
            "3 proven, the latest a logical restore point of 2026-02-28T10:00:00Z (26 h old), "
            "restored and compared at 2026-02-28T11:00:00Z");
  facts.taken_at = kNow - 27h;
  EXPECT_EQ(by_id(judge_backups(facts))["backup-age"].verdict, warn);
}

TEST(CheckVerdicts, TheLogIsShippedAndAtMostASecondBehind) {
  LogShippingFacts facts{.now = kNow};
  const auto judged = [&] { return by_id(judge_log_shipping(facts))["log-shipping"]; };
  EXPECT_EQ(judged().verdict, fail) << "the service does not run";
  facts.running = true;
  EXPECT_EQ(judged().verdict, fail) << "it never said anything";
  facts.shipping = {.observed_at = kNow - 1s, .complete_at = kNow - 1200ms};
  EXPECT_EQ(judged().verdict, pass);
  EXPECT_EQ(judged().evidence, "the archived log is 0.2 s behind");
  facts.shipping->complete_at = kNow - 9s;
  facts.shipping->failure = "the disk is full";
  EXPECT_EQ(judged().verdict, warn);
  EXPECT_EQ(judged().evidence, "the archived log is 8.0 s behind, interrupted: the disk is full");
  facts.shipping->gap = backup::WalPiece{data::Lsn(0x100), data::Lsn(0x200)};
  EXPECT_NE(judged().hint.find("take a new backup"), std::string::npos);
  facts.shipping->observed_at = kNow - 6s;
  EXPECT_EQ(judged().verdict, fail) << "nothing was heard of it for too long";
  EXPECT_EQ(
      by_id(judge_log_shipping(unknown<LogShippingFacts>(ErrorKind::not_ready)))["log-shipping"]
          .verdict,
      skipped);
}

TEST(CheckVerdicts, TheReportIsAsBadAsItsWorstFinding) {
  Report report;
  EXPECT_EQ(report.verdict(), skipped);
  report.findings.push_back({"a", {skipped, "", ""}, {}});
  EXPECT_EQ(report.verdict(), skipped) << "nothing was checked, so nothing passed";
  report.findings.push_back({"b", {pass, "", ""}, {}});
  EXPECT_EQ(report.verdict(), pass);
  report.findings.push_back({"c", {warn, "", ""}, {}});
  EXPECT_EQ(report.verdict(), warn);
  report.findings.push_back({"d", {fail, "", ""}, {}});
  EXPECT_EQ(report.verdict(), fail);
}

}  // namespace
}  // namespace auterity::operations::check
