#include "operations/scale/autoscaler.h"

#include <gtest/gtest.h>

namespace auterity::operations {
namespace {

using std::chrono::seconds;

OperationHistory operation(std::string kind, std::optional<int> finished_at) {
  OperationHistory made;
  made.plan.operation = std::move(kind);
  if (finished_at) made.finished_at = Time(seconds(*finished_at));
  return made;
}

TEST(Autoscaler, ACoolDownBeginsWithTheLastChangeOfSizesThatTheJournalKnows) {
  EXPECT_FALSE(last_size_change({}));
  EXPECT_FALSE(last_size_change({operation("up", 10), operation("scale", {})}));
  EXPECT_EQ(last_size_change({operation("scale", 10), operation("scale", 20),
                              operation("deploy", 30), operation("scale", {})}),
            Time(seconds(20)));
  EXPECT_EQ(last_size_change({operation("scale", 20), operation("scale", 10)}), Time(seconds(20)))
      << "an old one that was undone of late";
}

}  // namespace
}  // namespace auterity::operations
