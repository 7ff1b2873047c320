#include "engine/execution/json_schema_validator.h"

#include <gtest/gtest.h>

namespace auterity::engine {
namespace {

Json json(std::string_view text) { return *parse_json(text); }

TEST(JsonSchemaValidator, NamesThePlaceOfAViolation) {
  const auto validator = make_schema_validator();
  const Json schema = json(R"({"type":"object","properties":{"id":{"type":"string"}}})");
  for (int repeated = 0; repeated < 2; ++repeated) {
    const auto valid = validator->find_problem(schema, json(R"({"id":"a"})"));
    ASSERT_TRUE(valid);
    EXPECT_FALSE(*valid);
    const auto invalid = validator->find_problem(schema, json(R"({"id":1})"));
    ASSERT_TRUE(invalid);
    ASSERT_TRUE(*invalid);
    EXPECT_TRUE((*invalid)->starts_with("/id: ")) << **invalid;
  }
}

TEST(JsonSchemaValidator, RefusesAKeywordThatItDoesNotKnow) {
  const auto problem = make_schema_validator()->find_problem(json(R"({"minimun":1})"), json("1"));
  ASSERT_FALSE(problem);
  EXPECT_EQ(problem.error().kind, ErrorKind::invalid_input);
}

}  // namespace
}  // namespace auterity::engine
