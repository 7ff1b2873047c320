#include <gtest/gtest.h>

#include "harness/pure_run.h"

namespace auterity::engine {
namespace {

TEST(UnsupportedTask, FaultsWithItsKeyword) {
  harness::PureRun run("do: [{hear: {listen: {to: {one: {with: {type: told}}}}}}]");
  EXPECT_EQ(run.run().status, ExecutionStatus::faulted);
  EXPECT_EQ(*find_pointer(run.error(), "/detail"), Json("this version cannot run 'listen' tasks"));
  EXPECT_EQ(*find_pointer(run.error(), "/instance"), Json("/do/0/hear"));
}

}  // namespace
}  // namespace auterity::engine
