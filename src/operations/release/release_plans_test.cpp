// Golden plans of release build and release prune.
#include <gtest/gtest.h>

#include "core/version.h"
#include "operations/release/release_build.h"
#include "operations/release/release_prune.h"

namespace auterity::operations {
namespace {

const ReleaseBuildRequest kRequest{"1.4.0", "/src/build/auterity", "new"};

ReleaseBuildFacts nothing_there() {
  return {.environment = "staging",
          .releases = "/h/staging/releases",
          .digest = "new",
          .files = 17,
          .size_bytes = 3u << 20};
}

TEST(ReleaseBuildPlan, FolderAndArchive) {
  const auto plan = plan_release_build(kRequest, nothing_there());
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(to_text(*plan),
            "plan: release-build of environment staging\n"
            "   1. folder   put 17 files, 3.0 MiB, in /h/staging/releases/1.4.0\n"
            "   2. archive  write /h/staging/releases/auterity-1.4.0-" +
                std::string(platform()) + ".tar.zst\n");
}

TEST(ReleaseBuildPlan, TheSameContentAgainIsNothingToDo) {
  ReleaseBuildFacts facts = nothing_there();
  facts.there = "new";
  facts.whole = facts.archived = true;
  const auto plan = plan_release_build(kRequest, facts);
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->steps.empty()) << to_text(*plan);
}

TEST(ReleaseBuildPlan, AVersionNeverChangesItsContent) {
  ReleaseBuildFacts facts = nothing_there();
  facts.there = "old";
  const auto plan = plan_release_build(kRequest, facts);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().kind, ErrorKind::conflict);
  EXPECT_EQ(plan.error().message,
            "release 1.4.0 is there with another content (digest old, not new)");
}

TEST(ReleaseBuildPlan, WhatWasDamagedIsMendedAndNotRemovedByAnUndo) {
  ReleaseBuildFacts facts = nothing_there();
  facts.there = "new";
  facts.archived = true;
  const auto plan = plan_release_build(kRequest, facts);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->steps.size(), 2u);
  EXPECT_EQ(plan->steps[0].undo_policy, UndoPolicy::keep);
}

KnownRelease release(std::string version) {
  KnownRelease made;
  made.version = std::move(version);
  return made;
}

TEST(ReleasePrunePlan, KeepsWhatIsNeededAndTheNewest) {
  std::vector<KnownRelease> releases{release("2.0.0"), release("1.9.0"), release("1.8.0"),
                                     release("1.7.0"), release("1.6.0"), release("1.5.0")};
  releases[0].damage = {"auterity differs"};
  releases[3].in_use = true;
  releases[4].kept_for_rollback = true;
  EXPECT_EQ(to_text(plan_release_prune("staging", releases, 1)),
            "plan: release-prune of environment staging\n"
            "   1. remove-2.0.0  remove release 2.0.0 (no manifest, damaged) (cannot be undone)\n"
            "   2. remove-1.8.0  remove release 1.8.0 (no manifest) (cannot be undone)\n"
            "   3. remove-1.5.0  remove release 1.5.0 (no manifest) (cannot be undone)\n");
  EXPECT_EQ(plan_release_prune("staging", releases, 0).steps.size(), 4u);
  releases[5].in_use = true;
  EXPECT_EQ(plan_release_prune("staging", releases, 5).steps.size(), 1u) << "the damaged one";
}

}  // namespace
}  // namespace auterity::operations
