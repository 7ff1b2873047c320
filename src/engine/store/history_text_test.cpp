#include "engine/store/history_text.h"

#include <gtest/gtest.h>

namespace auterity::engine {
namespace {

TEST(HistoryText, KeepsEverythingOfAnEvent) {
  std::vector<HistoryEvent> events{{.number = 1,
                                    .at = from_epoch_microseconds(1'700'000'000'123'456),
                                    .type = "workflow.started"},
                                   {.number = 2,
                                    .at = from_epoch_microseconds(1'700'000'000'123'457),
                                    .type = "task.completed",
                                    .task = "/do/0/say \"hi\"",
                                    .data = {{"output", "a\"b\\c\n\u00e9"}, {"n", 1.5}}}};
  auto read = history_from_text(kHistoryFormat, history_to_text(events));
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ((*read)[i].number, events[i].number);
    EXPECT_EQ((*read)[i].at, events[i].at);
    EXPECT_EQ((*read)[i].type, events[i].type);
    EXPECT_EQ((*read)[i].task, events[i].task);
    EXPECT_EQ((*read)[i].data, events[i].data);
  }
}

TEST(HistoryText, NothingIsAnEmptyArray) {
  EXPECT_EQ(history_to_text({}), "[]");
  auto read = history_from_text(kHistoryFormat, "[]");
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->empty());
}

TEST(HistoryText, MembersOfALaterReleaseAreIgnored) {
  auto read = history_from_text(1, R"([{"n":4,"at":5,"type":"x","span":"abc"}])");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->front().number, 4);
}

TEST(HistoryText, ANewerFormatIsRefusedWithWhatToDo) {
  auto read = history_from_text(kHistoryFormat + 1, "[]");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::not_ready);
  EXPECT_FALSE(read.error().hint.empty());
}

TEST(HistoryText, DamageIsAnError) {
  for (const char* text : {"", "{", "{}", "[1]", R"([{"n":1}])", R"([{"n":"1","at":2}])"}) {
    auto read = history_from_text(1, text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::internal) << text;
  }
}

}  // namespace
}  // namespace auterity::engine
