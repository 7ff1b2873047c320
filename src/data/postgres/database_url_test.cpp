#include "data/database_url.h"

#include <gtest/gtest.h>

namespace auterity::data {
namespace {

constexpr const char* kUrl =
    "postgresql://some%20one:p%40ss%25%27w@db.example:5433/my%22db?sslmode=require";

TEST(DatabaseUrl, IsTakenApartAsLibpqReadsIt) {
  EXPECT_EQ(database_name(kUrl).value(), "my\"db");
  EXPECT_EQ(shown_database(kUrl).value(), "db.example:5433/my\"db");
  EXPECT_EQ(database_name("postgresql:///").value(), "");
}

TEST(DatabaseUrl, AnotherDatabaseKeepsEverythingElse) {
  const auto other = with_database(kUrl, "it's");
  ASSERT_TRUE(other);
  EXPECT_EQ(database_name(*other).value(), "it's");
  const auto environment = libpq_environment(*other).value();
  EXPECT_EQ(environment.at("PGPASSWORD"), "p@ss%'w");
  EXPECT_EQ(environment.at("PGUSER"), "some one");
  EXPECT_EQ(environment.at("PGSSLMODE"), "require");
}

TEST(DatabaseUrl, AMalformedOneIsRefusedWithoutRepeatingIt) {
  const auto refused = database_name("postgresql://user:secret%zz@host/db");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(refused.error().message.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace auterity::data
