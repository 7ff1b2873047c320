// Golden plans of autoscale.
#include <gtest/gtest.h>

#include "operations/scale/autoscale.h"

namespace auterity::operations {
namespace {

TEST(AutoscalePlan, On) {
  EXPECT_EQ(to_text(plan_autoscale({"staging", true, false, false})),
            "plan: autoscale of environment staging\n"
            "   1. setting  keep that the platform changes its sizes by itself\n"
            "   2. service  start the autoscaler\n");
}

TEST(AutoscalePlan, Off) {
  EXPECT_EQ(to_text(plan_autoscale({"staging", false, true, true})),
            "plan: autoscale of environment staging\n"
            "   1. service  stop and remove the autoscaler\n"
            "   2. setting  keep that the platform's sizes are changed by hand alone\n");
}

TEST(AutoscalePlan, WhatIsThereIsLeftAlone) {
  EXPECT_TRUE(plan_autoscale({"staging", true, true, true}).steps.empty());
  EXPECT_TRUE(plan_autoscale({"staging", false, false, false}).steps.empty());
  EXPECT_EQ(plan_autoscale({"staging", true, true, false}).steps.size(), 1u);
}

}  // namespace
}  // namespace auterity::operations
