#include "operations/check/verdicts.h"

#include <gtest/gtest.h>

namespace auterity::operations::check {
namespace {

using enum Verdict;
using namespace std::chrono_literals;

constexpr std::uint64_t kGibibyte = 1u << 30;

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
  DatabaseFacts facts{.version = 150004,
                      .can_create = true,
                      .slots_most = 10,
                      .connections_used = 10,
                      .connections_most = 200};
  EXPECT_EQ(judge_database_version(facts).evidence, "PostgreSQL 15.4");
  EXPECT_EQ(judge_database_version(facts).verdict, pass);
  EXPECT_EQ(judge_privileges(facts).verdict, pass);
  EXPECT_EQ(judge_extensions(facts).verdict, pass);
  EXPECT_EQ(judge_replication_slots(facts).verdict, pass);
  EXPECT_EQ(judge_connections(facts, 24).verdict, pass);
  EXPECT_EQ(judge_connections(facts, 100).verdict, warn);
  EXPECT_EQ(judge_connections(facts, 191).verdict, fail);
  facts.version = 140010;
  facts.can_create = false;
  facts.missing_extensions = {"pg_stat_statements"};
  facts.slots_inactive = 1;
  EXPECT_EQ(judge_database_version(facts).verdict, fail);
  EXPECT_EQ(judge_privileges(facts).verdict, fail);
  EXPECT_EQ(judge_extensions(facts).verdict, warn);
  EXPECT_EQ(judge_replication_slots(facts).verdict, warn);
}

TEST(CheckVerdicts, ClocksMayDifferBySoMuch) {
  EXPECT_EQ(judge_clock(999ms).verdict, pass);
  EXPECT_EQ(judge_clock(-1s).verdict, warn);
  EXPECT_EQ(judge_clock(29s).verdict, warn);
  EXPECT_EQ(judge_clock(-30s).verdict, fail);
}

TEST(CheckVerdicts, TheMachineHasFloors) {
  EXPECT_EQ(judge_disk(kGibibyte - 1, 10 * kGibibyte).verdict, fail);
  EXPECT_EQ(judge_disk(2 * kGibibyte, 100 * kGibibyte).verdict, warn);
  EXPECT_EQ(judge_disk(50 * kGibibyte, 100 * kGibibyte).verdict, pass);
  EXPECT_EQ(judge_memory(100u << 20, 8 * kGibibyte).verdict, fail);
  EXPECT_EQ(judge_memory(500u << 20, 8 * kGibibyte).verdict, warn);
  EXPECT_EQ(judge_memory(4 * kGibibyte, 8 * kGibibyte).verdict, pass);
  EXPECT_EQ(judge_capacity(192u << 20, 3).verdict, pass);
  EXPECT_EQ(judge_capacity((192u << 20) - 1, 3).verdict, fail);
  EXPECT_EQ(judge_file_limit(1023).verdict, fail);
  EXPECT_EQ(judge_file_limit(1024).verdict, warn);
  EXPECT_EQ(judge_file_limit(65536).verdict, pass);
}

TEST(CheckVerdicts, ABackupCountsOnceProvenAndWhileItIsFresh) {
  const Time now = parse_rfc3339("2026-03-01T12:00:00Z").value();
  EXPECT_EQ(judge_backup(std::nullopt, now, false).verdict, fail);
  EXPECT_EQ(judge_backup(std::nullopt, now, true).verdict, warn);
  EXPECT_EQ(judge_backup(now - 26h, now, false).verdict, pass);
  EXPECT_EQ(judge_backup(now - 27h, now, false).verdict, warn);
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
