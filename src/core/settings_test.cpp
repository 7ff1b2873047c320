#include "core/settings.h"

#include <gtest/gtest.h>

namespace auterity {
namespace {

const Environment kComplete{{"DATABASE_URL", "postgresql://x"},
                            {"JWT_SECRET_KEY", "k"},
                            {"AUTERITY_SECRETS_KEY", "s"},
                            {"AUTERITY_OBJECTS", "/o"}};

TEST(Settings, NamesEverythingThatIsMissing) {
  Environment environment = kComplete;
  environment.erase("DATABASE_URL");
  environment["AUTERITY_OBJECTS"] = "";
  const auto settings = Settings::read(environment);
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().kind, ErrorKind::not_ready);
  EXPECT_EQ(settings.error().message, "not set in the environment: DATABASE_URL, AUTERITY_OBJECTS");
}

TEST(Settings, ADefaultIsKnownWithoutAnEnvironment) {
  EXPECT_EQ(default_number("AUTERITY_DATABASE_CONNECTIONS"), 8);
}

TEST(Settings, EnvironmentComesBeforeTheDefault) {
  Environment environment = kComplete;
  environment["AUTERITY_IN_PLACE"] = "7";
  const auto settings = Settings::read(environment);
  ASSERT_TRUE(settings);
  EXPECT_EQ(*settings->number("AUTERITY_IN_PLACE", 1, 10), 7);
  EXPECT_EQ(settings->text("AUTERITY_LOG_FORMAT"), "json");
  EXPECT_FALSE(settings->is_set("AUTERITY_LOG_FORMAT"));
}

TEST(Settings, NumbersAreCheckedWithoutShowingTheValue) {
  for (const char* text : {"x", "7x", "0", "11", ""}) {
    Environment environment = kComplete;
    environment["AUTERITY_IN_PLACE"] = text;
    const auto number = Settings::read(environment)->number("AUTERITY_IN_PLACE", 1, 10);
    ASSERT_FALSE(number) << text;
    EXPECT_EQ(number.error().message, "AUTERITY_IN_PLACE is not a whole number from 1 to 10");
  }
}

}  // namespace
}  // namespace auterity
