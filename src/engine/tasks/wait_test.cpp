#include <gtest/gtest.h>

#include "harness/pure_run.h"

namespace auterity::engine {
namespace {

using harness::PureRun;
using std::chrono::seconds;

Json json(std::string_view text) { return *parse_json(text); }

TEST(WaitTask, WaitsAndPassesDataOn) {
  PureRun run("do: [{nap: {wait: PT1M30S}}]", json(R"({"a":1})"));
  run.through_storage().run();
  EXPECT_EQ(run.elapsed(), seconds(90));
  EXPECT_EQ(run.output(), json(R"({"a":1})"));
}

TEST(WaitTask, ADurationMayBeAnExpression) {
  PureRun run("do: [{nap: {wait: '${ .pause }'}}]", json(R"({"pause":"PT20S"})"));
  run.through_storage().run();
  EXPECT_EQ(run.elapsed(), seconds(20));
}

TEST(WaitTask, AnExpressionThatYieldsNoDurationIsAnExpressionError) {
  PureRun run("do: [{nap: {wait: '${ .pause }'}}]", json(R"({"pause":"soon"})"));
  EXPECT_EQ(run.run().status, ExecutionStatus::faulted);
  EXPECT_EQ(*find_pointer(run.error(), "/status"), Json(400));
  EXPECT_EQ(*find_pointer(run.error(), "/instance"), Json("/do/0/nap"));
}

TEST(WaitTask, CancellingEndsTheWait) {
  PureRun run("do: [{nap: {wait: PT1H}}]");
  run.run_until_effect_or_timer();
  run.apply(CancelRequested{});
  EXPECT_EQ(run.execution().status, ExecutionStatus::cancelled);
  EXPECT_EQ(run.facts("task.cancelled").size(), 1u);
}

TEST(WaitTask, TimeSpentSuspendedDoesNotCount) {
  PureRun run("do: [{nap: {wait: PT10S}}]");
  run.run_until_effect_or_timer();
  run.advance(seconds(4));
  run.apply(SuspendRequested{});
  EXPECT_TRUE(decide(run.execution(), run.now()).empty());
  run.advance(seconds(100));
  run.apply(ResumeRequested{});
  run.run();
  EXPECT_EQ(run.elapsed(), seconds(110));
  EXPECT_EQ(run.facts("task.suspended").size(), 1u);
  EXPECT_EQ(run.facts("task.resumed").size(), 1u);
}

}  // namespace
}  // namespace auterity::engine
