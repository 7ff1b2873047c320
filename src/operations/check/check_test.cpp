// How families are run together: each has its limit, none hides another, no secret gets out.
#include "operations/check/check.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>
#include <stdexcept>

#include "core/deadline.h"
#include "core/finally.h"
#include "harness/check_subject.h"
#include "harness/simulated_clock.h"
#include "operations/check/probed_family.h"
#include "targets/local/release_manifest.h"

namespace auterity::operations::check {
namespace {

class CheckRun : public testing::Test {
 protected:
  template <typename Facts>
  void add(std::vector<std::string> ids, Probe<Facts> probe,
           Findings (*judge)(const Result<Facts>&)) {
    families_.push_back(std::make_unique<ProbedFamily<Facts>>(
        std::move(ids), std::chrono::seconds(5), std::move(probe), judge));
  }
  Report run() {
    const Subject subject = fixture_.subject();
    return clock_.run(check::run(subject, families_));
  }
  static Judgement of(const Report& report, const std::string& id) {
    for (const Finding& finding : report.findings)
      if (finding.id == id) return finding.judgement;
    return {Verdict::fail, "no finding " + id, ""};
  }

  boost::asio::io_context loop_;
  harness::SimulatedClock clock_{loop_};
  SubjectFixture fixture_{loop_.get_executor(), clock_};
  Families families_;
};

TEST_F(CheckRun, WhatHangsIsSkippedAfterItsLimitAndKeepsNobody) {
  add<BackupFacts>(
      {"backup-age"},
      [this](const Subject&) -> Async<Result<BackupFacts>> {
        co_await clock_.sleep(std::chrono::hours(1));
        co_return BackupFacts{};
      },
      judge_backups);
  add<OperationsFacts>(
      {"lock", "unfinished-operation"},
      [](const Subject&) -> Async<Result<OperationsFacts>> { co_return OperationsFacts{}; },
      judge_operations);
  const Report report = run();
  EXPECT_EQ(clock_.monotonic(), std::chrono::seconds(5));
  EXPECT_EQ(of(report, "backup-age").verdict, Verdict::skipped);
  EXPECT_EQ(of(report, "backup-age").evidence, "took longer than 5 s");
  EXPECT_EQ(of(report, "lock").verdict, Verdict::pass);
  EXPECT_EQ(report.findings.front().duration, std::chrono::seconds(5));
}

Async<Result<Report>> all_of(const Subject& subject, Families& families) {
  co_return co_await check::run(subject, families);
}

TEST_F(CheckRun, WhoeverLosesPatienceWithTheWholeEndsItInOrder) {
  bool tidied_up = false;
  add<BackupFacts>(
      {"backup-age"},
      [&](const Subject&) -> Async<Result<BackupFacts>> {
        const auto hang = [](Clock& clock) -> Async<Result<BackupFacts>> {
          co_await clock.sleep(std::chrono::hours(1));
          co_return BackupFacts{};
        };
        const auto tidy_up = [](Clock& clock, bool& done) -> Async<void> {
          co_await clock.sleep(std::chrono::milliseconds(300));
          done = true;
        };
        co_return co_await finally(hang(clock_), tidy_up(clock_, tidied_up));
      },
      judge_backups);
  const Subject subject = fixture_.subject();
  const auto outcome = clock_.run(
      with_deadline(clock_, std::chrono::seconds(1), "check", all_of(subject, families_)));
  EXPECT_TRUE(tidied_up);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::timeout);
  EXPECT_EQ(clock_.monotonic(), std::chrono::milliseconds(1300));
}

TEST_F(CheckRun, WhatBreaksOffOrLeavesAnIdOutIsSkipped) {
  add<BackupFacts>(
      {"backup-age"},
      [](const Subject&) -> Async<Result<BackupFacts>> {
        throw std::runtime_error("broken");
        co_return BackupFacts{};
      },
      judge_backups);
  add<OperationsFacts>(
      {"lock", "unfinished-operation", "never-judged"},
      [](const Subject&) -> Async<Result<OperationsFacts>> { co_return OperationsFacts{}; },
      judge_operations);
  const Report report = run();
  EXPECT_EQ(of(report, "backup-age").evidence, "the check broke off");
  EXPECT_EQ(of(report, "backup-age").verdict, Verdict::skipped);
  EXPECT_EQ(of(report, "never-judged").verdict, Verdict::skipped);
  EXPECT_EQ(report.findings.size(), 4u);
}

TEST_F(CheckRun, SecretsAreMaskedWhereverTheyGotInto) {
  fixture_.variables() = {{"DATABASE_URL", "postgresql://ada:s3cr%40t-of-ada@db:5432/x"},
                          {"JWT_SECRET_KEY", "a-signing-key-of-some-length"}};
  add<OperationsFacts>(
      {"lock", "unfinished-operation"},
      [](const Subject&) -> Async<Result<OperationsFacts>> {
        OperationsFacts facts;
        facts.locked = true;
        facts.lock = "s3cr%40t-of-ada, s3cr@t-of-ada and a-signing-key-of-some-length";
        co_return facts;
      },
      judge_operations);
  EXPECT_EQ(of(run(), "lock").evidence, "***, *** and ***");
}

TEST_F(CheckRun, TheReportNamesTheReleaseThatWasLookedAtByItsDigest) {
  const auto release = fixture_.context().layout.releases() / "1.4.0";
  ASSERT_TRUE(fixture_.context().files.create_directories(release));
  local::ReleaseManifest manifest;
  manifest.facts = {.version = "1.4.0",
                    .commit = "0123abc",
                    .committed_at = clock_.now(),
                    .platform = "linux-x86_64",
                    .schema = {1, 6},
                    .state_formats = {1, 1}};
  manifest.files = {{"auterity", 3, std::string(64, 'a')}};
  manifest.digest = local::digest_of(manifest.files);
  ASSERT_TRUE(fixture_.context().files.write_atomically(release / local::kManifestFile,
                                                        local::to_text(manifest)));
  Subject subject = fixture_.subject();
  EXPECT_FALSE(clock_.run(check::run(subject, families_)).release) << "none was named";
  subject.release = "1.4.0";
  const Report report = clock_.run(check::run(subject, families_));
  ASSERT_TRUE(report.release);
  EXPECT_EQ(report.release->digest, manifest.digest);
  EXPECT_EQ(to_text(Json(to_json(report))),
            R"({"verdict":"skipped","release":{"version":"1.4.0","digest":")" + manifest.digest +
                R"("},"checks":[]})");
}

TEST(CheckFamilies, NoIdIsGivenTwice) {
  std::set<std::string> ids;
  for (const auto& family : all_families())
    for (const std::string& id : family->ids()) EXPECT_TRUE(ids.insert(id).second) << id;
  EXPECT_GE(ids.size(), 28u);
}

}  // namespace
}  // namespace auterity::operations::check
