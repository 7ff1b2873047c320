#include "api/json_fields.h"

#include <gtest/gtest.h>

#include "api/problem.h"

namespace auterity::api {
namespace {

TEST(JsonFieldsTest, NamesEveryProblemWithItsPointer) {
  auto fields = JsonFields::parse(R"({"email": 1, "other/one": true, "long": "abcdef"})");
  ASSERT_TRUE(fields);
  fields->required_text("email", 10);
  fields->required_text("password", 10);
  fields->text("long", 3);
  const Status checked = fields->check();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::invalid_input);
  for (const char* part : {"/email must be a text", "/password is required",
                           "/long must be at most 3 bytes", "/other~1one is not known"})
    EXPECT_NE(checked.error().message.find(part), std::string::npos)
        << part << " in " << checked.error().message;
}

TEST(JsonFieldsTest, TellsAbsentFromNull) {
  auto fields = JsonFields::parse(R"({"input": null, "flag": false})");
  ASSERT_TRUE(fields);
  EXPECT_TRUE(fields->value("input"));
  EXPECT_FALSE(fields->value("absent"));
  EXPECT_EQ(fields->boolean("flag"), false);
  EXPECT_TRUE(fields->check());
}

TEST(JsonFieldsTest, RefusesWhatIsNoObject) {
  EXPECT_FALSE(JsonFields::parse("[1]"));
  EXPECT_FALSE(JsonFields::parse("{"));
  EXPECT_FALSE(JsonFields::parse(std::string(100'000, '[')));
  EXPECT_TRUE(JsonFields::parse("  "));
}

TEST(ProblemTest, HasWhatTheStandardAsksForAndAHint) {
  Exchange exchange;
  exchange.request.path = "/api/x";
  exchange.request_id = "r1";
  answer_problem(exchange, {ErrorKind::conflict, "locked", "wait"});
  EXPECT_EQ(exchange.response.status, 409);
  EXPECT_EQ(exchange.response.content_type, "application/problem+json");
  EXPECT_EQ(exchange.response.body,
            R"({"type":"urn:auterity:problem:conflict","title":"Conflict","status":409,)"
            R"("detail":"locked","instance":"/api/x","request_id":"r1","hint":"wait"})");
}

TEST(ProblemTest, TellsNothingOfAFaultInside) {
  Exchange exchange;
  answer_problem(exchange, {ErrorKind::internal, "password=hunter2 at 10.0.0.1", ""});
  EXPECT_EQ(exchange.response.status, 500);
  EXPECT_EQ(exchange.response.body.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace auterity::api
