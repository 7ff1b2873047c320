#include "api/preferences.h"

#include <gtest/gtest.h>

namespace auterity::api {
namespace {

Preferences read(std::vector<std::string_view> headers) {
  Request request;
  for (std::string_view value : headers) request.headers.push_back({"prefer", value});
  return read_preferences(request);
}

TEST(PreferencesTest, ReadsWaitAndRespondAsync) {
  using namespace std::chrono_literals;
  EXPECT_EQ(read({}).wait, std::nullopt);
  EXPECT_EQ(read({"wait=10"}).wait, 10s);
  EXPECT_EQ(read({"Wait = \"10\" ; strict"}).wait, 10s);
  EXPECT_EQ(read({"wait=0"}).wait, 0s);
  EXPECT_EQ(read({"wait=5, wait=9"}).wait, 5s) << "the first one counts";
  EXPECT_EQ(read({"handling=lenient", "respond-async, wait=7"}).wait, 7s);
  EXPECT_TRUE(read({"handling=lenient", "Respond-Async, wait=7"}).respond_async);
  EXPECT_EQ(read({"wait=999999"}).wait, kLongestWait);
}

TEST(PreferencesTest, IgnoresWhatItDoesNotUnderstand) {
  for (const char* text : {"wait", "wait=", "wait=-1", "wait=1.5", "wait=99999999999999999999",
                           "waiting=3", ",,;=", "respond-asynchronously"}) {
    EXPECT_EQ(read({text}).wait, std::nullopt) << text;
    EXPECT_FALSE(read({text}).respond_async) << text;
  }
}

}  // namespace
}  // namespace auterity::api
