#include <gtest/gtest.h>

#include "harness/pure_run.h"

namespace auterity::engine {
namespace {

using harness::PureRun;

Json json(std::string_view text) { return *parse_json(text); }

TEST(RaiseTask, AReusableErrorWithExpressions) {
  PureRun run(R"(
use:
  errors:
    refused:
      type: https://example.com/errors/refused
      status: 409
      title: Refused
      detail: '${ "order \(.id) is refused" }'
do: [{no: {raise: {error: refused}}}]
)",
              json(R"({"id":7})"));
  EXPECT_EQ(run.run().status, ExecutionStatus::faulted);
  EXPECT_EQ(run.error(), json(R"({"type":"https://example.com/errors/refused","status":409,
    "title":"Refused","detail":"order 7 is refused","instance":"/do/0/no"})"));
}

TEST(RaiseTask, ItsInstanceIsAlwaysTheTask) {
  PureRun run(
      "do: [{no: {raise: {error: {type: 'https://e.com/x', status: 400, instance: /elsewhere}}}}]");
  run.run();
  EXPECT_EQ(*find_pointer(run.error(), "/instance"), Json("/do/0/no"));
}

TEST(RaiseTask, TheEventsTellWhatFaulted) {
  PureRun run(
      "do: [{out: {do: [{no: {raise: {error: {type: 'https://e.com/x', status: 400}}}}]}}]");
  run.run();
  EXPECT_EQ(run.facts("task.faulted"),
            (std::vector<std::string>{"task.faulted /do/0/out/do/0/no", "task.faulted /do/0/out"}));
  EXPECT_EQ(run.facts("workflow."),
            (std::vector<std::string>{"workflow.started", "workflow.faulted"}));
}

}  // namespace
}  // namespace auterity::engine
