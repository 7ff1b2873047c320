// Golden plans of scale.
#include <gtest/gtest.h>

#include "operations/scale/scale.h"

namespace auterity::operations {
namespace {

local::Platform platform(int replicas, int workers) {
  local::Platform made;
  made.layout = {"/h", "staging", "/run/s", "/etc/auterity"};
  made.public_port = 8001;
  made.pool().replicas = replicas;
  made.pool().workers = workers;
  return made;
}

TEST(ScalePlan, NewProcessesAreReadyBeforeTheyGetRequests) {
  EXPECT_EQ(to_text(plan_scale(platform(2, 1), {3, 2})),
            "plan: scale of environment staging\n"
            "   1. start-blue-api-3     start blue-api-3 and wait until it is ready\n"
            "   2. start-blue-worker-2  start blue-worker-2 and wait until it is ready\n"
            "   3. sizes                keep 3 API replicas and 2 workers instead of 2 API "
            "replicas and 1 worker, and divide requests accordingly\n"
            "   4. health               see the platform healthy at http://localhost:8001\n");
}

TEST(ScalePlan, WhatGoesIsDrainedFirstAndStoppedLast) {
  EXPECT_EQ(to_text(plan_scale(platform(3, 2), {2, 1})),
            "plan: scale of environment staging\n"
            "   1. drain-blue-api-3      give blue-api-3 no new requests and wait for those under "
            "way\n"
            "   2. sizes                 keep 2 API replicas and 1 worker instead of 3 API "
            "replicas and 2 workers, and divide requests accordingly\n"
            "   3. retire-blue-api-3     stop and remove blue-api-3\n"
            "   4. retire-blue-worker-2  stop and remove blue-worker-2\n"
            "   5. health                see the platform healthy at http://localhost:8001\n");
}

TEST(ScalePlan, TheSameSizesAreNothingToDo) {
  EXPECT_TRUE(plan_scale(platform(2, 1), {2, 1}).steps.empty());
}

TEST(ScaleLimits, ComeFromTheEnvironmentFileAndAreNamed) {
  const SizeLimits limits = size_limits(EnvironmentFile::defaults("development"));
  EXPECT_EQ(limits.api_min, 1);
  EXPECT_EQ(limits.api_max, 10);
  EXPECT_TRUE(check_sizes({10, 10}, limits));
  const auto refused = check_sizes({11, 1}, limits);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "11 API replicas are not between 1 and 10");
  EXPECT_EQ(refused.error().hint,
            "the environment file says so: app_min_capacity, app_max_capacity");
  EXPECT_FALSE(check_sizes({0, 1}, limits));
  EXPECT_FALSE(check_sizes({1, 11}, limits));
}

}  // namespace
}  // namespace auterity::operations
