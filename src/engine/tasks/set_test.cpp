#include <gtest/gtest.h>

#include "harness/pure_run.h"

namespace auterity::engine {
namespace {

using harness::PureRun;

Json json(std::string_view text) { return *parse_json(text); }

TEST(SetTask, ReplacesTheData) {
  PureRun run("do: [{a: {set: {b: '${ .x }', c: {d: [1, '${ .y }']}}}}]", json(R"({"x":1,"y":2})"));
  run.run();
  EXPECT_EQ(run.output(), json(R"({"b":1,"c":{"d":[1,2]}})"));
}

TEST(SetTask, ADirectExpressionMayYieldAnything) {
  PureRun run("do: [{a: {set: '${ .x }'}}]", json(R"({"x":[1,2]})"));
  run.run();
  EXPECT_EQ(run.output(), json("[1,2]"));
}

TEST(SetTask, AFailingExpressionIsAnExpressionErrorAtTheTask) {
  PureRun run("do: [{a: {set: {b: '${ .x.y }'}}}]", json(R"({"x":"text"})"));
  EXPECT_EQ(run.run().status, ExecutionStatus::faulted);
  EXPECT_EQ(*find_pointer(run.error(), "/type"),
            Json("https://open-workflow-specification.org/spec/1.0.0/errors/expression"));
  EXPECT_EQ(*find_pointer(run.error(), "/status"), Json(400));
  EXPECT_EQ(*find_pointer(run.error(), "/instance"), Json("/do/0/a"));
}

TEST(SetTask, ExpressionsInTheInputAreData) {
  PureRun run("do: [{a: {set: {b: '${ .x }'}}}]", json(R"({"x":"${ .secret }"})"));
  run.run();
  EXPECT_EQ(run.output(), json(R"({"b":"${ .secret }"})"));
}

}  // namespace
}  // namespace auterity::engine
