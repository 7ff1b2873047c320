#include "engine/definition/duration.h"

#include <gtest/gtest.h>

namespace auterity::engine {
namespace {

using namespace std::chrono_literals;

TEST(DurationText, ReadsIso8601) {
  const std::pair<std::string_view, Duration> cases[] = {
      {"PT0S", 0s},           {"PT30S", 30s},
      {"PT1H30M", 90min},     {"P1D", 24h},
      {"P1W", 168h},          {"P1Y", 24h * 365},
      {"P2M", 24h * 60},      {"P1Y2M3W4DT5H6M7S", 24h * (365 + 60 + 21 + 4) + 5h + 6min + 7s},
      {"PT0.5S", 500ms},      {"PT0.000001S", 1us},
      {"PT1.5H", 90min},      {"P0.5D", 12h},
      {"PT0.1S", 100ms},      {"PT0.0000009S", 0us},
      {"PT1M1.25S", 61250ms}, {"P36525D", kLongestDuration},
  };
  for (const auto& [text, expected] : cases) {
    const auto duration = parse_duration(text);
    ASSERT_TRUE(duration) << text << ": " << duration.error().message;
    EXPECT_EQ(*duration, expected) << text;
  }
}

TEST(DurationText, RefusesWhatTheSchemasPatternRefuses) {
  for (const std::string_view text :
       {"",      "P",      "PT",    "P1DT",  "1D",      "PT1",      "P1H",        "PT1D", "P1S",
        "P1D1Y", "PT1S1M", "P1D1D", "PT-5S", "-PT5S",   "PT+5S",    "pt5s",       "PT5s", "PT5S ",
        " PT5S", "PT5,5S", "PT.5S", "PT5.S", "P1D T5S", "PT5SPT5S", "30 seconds", "PTT5S"}) {
    const auto duration = parse_duration(text);
    ASSERT_FALSE(duration) << text;
    EXPECT_EQ(duration.error().kind, ErrorKind::invalid_input);
    EXPECT_FALSE(duration.error().hint.empty());
  }
}

TEST(DurationText, IsBounded) {
  for (const std::string_view text :
       {"P36526D", "P101Y", "PT99999999999999999999999999999999S", "P36525DT1S"}) {
    const auto duration = parse_duration(text);
    ASSERT_FALSE(duration) << text;
    EXPECT_EQ(duration.error().kind, ErrorKind::too_large);
  }
}

TEST(DurationValue, IsATextOrAnObject) {
  EXPECT_EQ(to_duration(Json("PT2S")), Duration(2s));
  const Json object{{"days", 1}, {"hours", 2}, {"minutes", 3}, {"seconds", 4}, {"milliseconds", 5}};
  EXPECT_EQ(to_duration(object), Duration(26h + 3min + 4s + 5ms));
  EXPECT_FALSE(to_duration(Json(30)));
  EXPECT_FALSE(to_duration(Json(nullptr)));
  EXPECT_FALSE(to_duration(Json(JsonObject())));
  EXPECT_FALSE(to_duration(Json{{"weeks", 1}}));
  EXPECT_FALSE(to_duration(Json{{"seconds", -1}}));
  EXPECT_FALSE(to_duration(Json{{"seconds", 1.5}}));
  EXPECT_FALSE(to_duration(Json{{"seconds", "1"}}));
  EXPECT_EQ(to_duration(Json{{"days", INT64_MAX}}).error().kind, ErrorKind::too_large);
}

}  // namespace
}  // namespace auterity::engine
