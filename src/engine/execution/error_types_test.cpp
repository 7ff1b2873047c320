#include <gtest/gtest.h>

#include "engine/execution/workflow_error.h"

namespace auterity::engine {
namespace {

TEST(ErrorTypes, EveryStandardErrorHasItsStatus) {
  const std::pair<StandardError, int> expected[] = {
      {StandardError::configuration, 400}, {StandardError::validation, 400},
      {StandardError::expression, 400},    {StandardError::authentication, 401},
      {StandardError::authorization, 403}, {StandardError::timeout, 408},
      {StandardError::communication, 500}, {StandardError::runtime, 500}};
  for (const auto& [kind, status] : expected) {
    const WorkflowError error = make_error(kind, "detail", "/do/0/a");
    EXPECT_EQ(error.status, status) << error.type;
    EXPECT_TRUE(
        error.type.starts_with("https://open-workflow-specification.org/spec/1.0.0/errors/"));
    EXPECT_EQ(WorkflowError::from_json(error.to_json()).to_json(), error.to_json());
  }
}

TEST(ErrorTypes, SpellingsOfAStandardTypeAreOne) {
  const std::string standard = make_error(StandardError::communication, "", "").type;
  for (const char* spelling :
       {"https://open-workflow-specification.org/dsl/errors/types/communication",
        "https://serverlessworkflow.io/spec/1.0.0/errors/communication",
        "https://serverlessworkflow.io/dsl/errors/types/communication"}) {
    EXPECT_TRUE(same_error_type(standard, spelling)) << spelling;
    EXPECT_TRUE(same_error_type(spelling, standard)) << spelling;
  }
}

TEST(ErrorTypes, OtherTypesAreComparedAsTheyAre) {
  const std::string standard = make_error(StandardError::communication, "", "").type;
  EXPECT_TRUE(same_error_type("https://example.com/a", "https://example.com/a"));
  EXPECT_FALSE(same_error_type("https://example.com/a", "https://example.com/b"));
  EXPECT_FALSE(same_error_type(standard, make_error(StandardError::timeout, "", "").type));
  EXPECT_FALSE(same_error_type(standard, standard + "/other"));
  EXPECT_FALSE(same_error_type("https://example.com/communication", standard));
}

}  // namespace
}  // namespace auterity::engine
