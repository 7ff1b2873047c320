#include "operations/deploy/check_step.h"

#include <gtest/gtest.h>

namespace auterity::operations {
namespace {

check::Finding finding(std::string id, Verdict verdict) {
  return {std::move(id), {verdict, "seen", "do this"}, {}};
}

TEST(DeployCheck, NamesEveryCheckThatFailedWithItsHint) {
  const check::Report report{{finding("disk", Verdict::fail), finding("memory", Verdict::warn),
                              finding("ports", Verdict::skipped),
                              finding("release", Verdict::fail)}};
  const Status outcome = judge_report(report);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::failed);
  EXPECT_EQ(outcome.error().message,
            "the environment is not fit for a deploy: disk (seen); release (seen)");
  EXPECT_EQ(outcome.error().hint, "disk: do this; release: do this");
}

TEST(DeployCheck, WhatItBuildsOnMustHaveBeenLookedAt) {
  for (const char* id : {"smoke-test", "release", "migrations-rehearsed", "database-reachable"}) {
    EXPECT_FALSE(judge_report({{finding(id, Verdict::skipped)}})) << id;
    EXPECT_TRUE(judge_report({{finding(id, Verdict::warn)}})) << id;
  }
  EXPECT_TRUE(judge_report({{finding("certificates", Verdict::skipped)}}));
}

TEST(DeployCheck, WhatTheDeployProvidesItselfDoesNotEndIt) {
  check::Report report;
  for (const PassedOverCheck& check : passed_over_checks())
    report.findings.push_back(finding(std::string(check.id), Verdict::fail));
  EXPECT_TRUE(judge_report(report));
}

// A check that is renamed would count again, or a new one hide behind an old name.
TEST(DeployCheck, WhatIsPassedOverIsACheckThatExists) {
  std::vector<std::string> ids;
  for (const auto& family : check::all_families())
    for (std::string& id : family->ids()) ids.push_back(std::move(id));
  for (const PassedOverCheck& check : passed_over_checks())
    EXPECT_NE(std::ranges::find(ids, check.id), ids.end()) << check.id;
}

}  // namespace
}  // namespace auterity::operations
