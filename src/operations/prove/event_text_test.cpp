#include "operations/prove/event_text.h"

#include <gtest/gtest.h>

namespace auterity::operations {
namespace {

constexpr std::string_view kText =
    "id: 7\nevent: task.started\ndata: {\"a\":1}\n\n: still here\n\n"
    "id:8\r\nevent:task.completed\r\ndata: {}\r\n\r\n"
    "retry: 1000\n: another process goes on from here\n\n"
    "event: end\ndata: {}\n\n";

TEST(EventText, WhereverThePiecesEndTheEventsAreTheSame) {
  for (std::size_t size = 1; size <= kText.size(); ++size) {
    EventText text;
    std::vector<StreamEvent> events;
    for (std::size_t begin = 0; begin < kText.size(); begin += size)
      for (StreamEvent& event : text.add(kText.substr(begin, size)))
        events.push_back(std::move(event));
    ASSERT_EQ(events.size(), 3u) << size;
    EXPECT_EQ(events[0].number, 7);
    EXPECT_EQ(events[0].type, "task.started");
    EXPECT_EQ(events[1].number, 8);
    EXPECT_EQ(events[1].type, "task.completed");
    EXPECT_EQ(events[2].number, 0);
    EXPECT_EQ(events[2].type, "end");
  }
}

TEST(EventText, AnEventThatWasCutShortIsNone) {
  EXPECT_TRUE(EventText().add("id: 7\nevent: task.started\ndata: {}").empty());
}

TEST(CompareEvents, TellsWhatIsMissingAndWhatCameTwice) {
  EventGaps gaps = compare_events({1, 2, 3}, {1, 2, 3});
  EXPECT_EQ(gaps.lost, 0u);
  EXPECT_EQ(gaps.doubled, 0u);
  gaps = compare_events({1, 2, 2, 5, 2}, {1, 2, 3, 4, 5});
  EXPECT_EQ(gaps.lost, 2u);
  EXPECT_EQ(gaps.doubled, 2u);
}

}  // namespace
}  // namespace auterity::operations
