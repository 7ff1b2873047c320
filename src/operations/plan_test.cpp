#include "operations/plan.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace auterity::operations {
namespace {

const Plan kPlan{"up",
                 "staging",
                 {{"credentials", "create passwords and keys", UndoPolicy::keep},
                  {"redis", "start Redis", UndoPolicy::undo}},
                 {"postgres"}};

TEST(Plan, PrintsAsTextForPeople) {
  EXPECT_EQ(to_text(kPlan),
            "plan: up of environment staging\n"
            "   1. credentials  create passwords and keys (stays on undo)\n"
            "   2. redis        start Redis\n"
            "  already there: postgres\n");
  EXPECT_EQ(to_text(Plan{"down", "staging", {}, {}}),
            "plan: down of environment staging\n  nothing to do\n");
}

TEST(Plan, SurvivesTheJournal) {
  const auto again = parse_plan(Json(to_json(kPlan)));
  ASSERT_TRUE(again);
  EXPECT_EQ(to_text(*again), to_text(kPlan));
}

TEST(Plan, RefusesAStepWithoutAKnownPolicy) {
  EXPECT_FALSE(parse_plan(
      Json(JsonObject{{"steps", JsonArray{JsonObject{{"name", "x"}, {"on_undo", "perhaps"}}}}})));
  EXPECT_FALSE(parse_plan(Json(nullptr)));
}

}  // namespace
}  // namespace auterity::operations
