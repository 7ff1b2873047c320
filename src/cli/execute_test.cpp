// What `execute` prints and answers, for every way in which an execution can go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/scripted_platform.h"

namespace auterity::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class Execute : public testing::Test {
 protected:
  Execute() {
    platform_.write("/folder/a.yaml", "document: {}");
    platform_.bring_up();
  }

  // Signs in and publishes; what comes after is the test's.
  void accept_definition() {
    platform_.answer(200, R"({"access_token":"very-secret-token"})");
    platform_.answer(201, R"({"id":"w1"})");
  }

  ScriptedPlatform platform_;
};

constexpr std::string_view kFaulted =
    R"({"id":"e1","status":"faulted","output":null,"error":{"type":"about:blank","status":500}})";

TEST_F(Execute, CompletedPrintsTheOutputAlone) {
  accept_definition();
  platform_.answer(200, R"({"id":"e1","status":"completed","output":{"message":"Hello"}})");
  EXPECT_EQ(platform_.run({"execute", "a.yaml", "--input", R"({"name":"Ada"})"}), 0);
  EXPECT_EQ(platform_.out(), "{\n  \"message\": \"Hello\"\n}\n");
  EXPECT_EQ(platform_.err(),
            "… publish a.yaml at http://localhost:8123\n"
            "✓ publish a.yaml at http://localhost:8123: workflow w1 (T)\n"
            "… execute it\n"
            "✓ execute it: execution e1 completed (T)\n");
  EXPECT_EQ(platform_.requests().back().body, R"({"input":{"name":"Ada"}})");
}

TEST_F(Execute, WithoutAnOutputPrintsNull) {
  accept_definition();
  platform_.answer(200, R"({"id":"e1","status":"completed"})");
  EXPECT_EQ(platform_.run({"execute", "a.yaml"}), 0);
  EXPECT_EQ(platform_.out(), "null\n");
}

TEST_F(Execute, FaultedIsNoSuccessAnywhere) {
  accept_definition();
  platform_.answer(200, kFaulted);
  EXPECT_EQ(platform_.run({"execute", "a.yaml"}), 1);
  EXPECT_EQ(platform_.out(), "");
  EXPECT_EQ(platform_.err(),
            "… publish a.yaml at http://localhost:8123\n"
            "✓ publish a.yaml at http://localhost:8123: workflow w1 (T)\n"
            "… execute it\n"
            "✗ execute it: execution e1 faulted (T)\n"
            "error: the execution is faulted: {\"type\":\"about:blank\",\"status\":500}\n"
            "hint: its history is at /api/executions/e1/events\n");
}

TEST_F(Execute, WithJsonAFaultedExecutionIsTheDocument) {
  accept_definition();
  platform_.answer(200, kFaulted);
  EXPECT_EQ(platform_.run({"execute", "a.yaml", "--json"}), 1);
  EXPECT_EQ(platform_.out(), std::string(kFaulted) + "\n");
  EXPECT_THAT(platform_.err(), HasSubstr("✗ execute it"));
}

TEST_F(Execute, AnInvalidDefinitionNamesItsPlaces) {
  platform_.answer(200, R"({"access_token":"t"})");
  platform_.answer(400, R"({"title":"Invalid input","detail":"the definition is invalid",
      "hint":"mend the places that are named","problems":[
      {"pointer":"/do/0","message":"a task needs a keyword"},
      {"pointer":"","message":"a workflow needs 'do'"}]})");
  EXPECT_EQ(platform_.run({"execute", "a.yaml"}), 2);
  EXPECT_EQ(platform_.out(), "");
  EXPECT_EQ(platform_.err(),
            "… publish a.yaml at http://localhost:8123\n"
            "error: POST /api/workflows: 400 the definition is invalid; /do/0: a task needs a "
            "keyword; a workflow needs 'do'\n"
            "hint: mend the places that are named\n");
}

TEST_F(Execute, AWrongPasswordIsNotSignedIn) {
  platform_.answer(401, R"({"title":"Not signed in","detail":"wrong email or password"})");
  EXPECT_EQ(platform_.run({"execute", "a.yaml"}), 3);
  EXPECT_THAT(platform_.err(), HasSubstr("error: POST /api/auth/login: 401 wrong email"));
  EXPECT_THAT(platform_.err(), HasSubstr("\nhint: "));
}

TEST_F(Execute, AFileOrAnEnvironmentThatIsNotThereIsNotFound) {
  EXPECT_EQ(platform_.run({"execute", "b.yaml"}), 4);
  EXPECT_THAT(platform_.err(), HasSubstr("b.yaml"));
  platform_.write("/folder/infrastructure/environments/staging.yml", "class: staging\n");
  EXPECT_EQ(platform_.run({"execute", "a.yaml", "-e", "staging"}), 4);
  EXPECT_THAT(platform_.err(), HasSubstr("hint: start it: auterity up -e staging\n"));
  EXPECT_TRUE(platform_.requests().empty());
}

TEST(ExecuteOnAPlatformThatIsDown, IsNotReady) {
  ScriptedPlatform platform;
  EXPECT_EQ(platform.run({"execute", "a.yaml"}), 6);
  EXPECT_EQ(platform.err(),
            "error: the database of environment development does not run\n"
            "hint: start the platform: auterity up -e development\n");
  EXPECT_TRUE(platform.requests().empty());
}

TEST_F(Execute, APlatformThatCannotAnswerNowIsUnavailable) {
  accept_definition();
  platform_.answer(503, R"({"title":"Service unavailable","detail":"the database is away"})");
  EXPECT_EQ(platform_.run({"execute", "a.yaml"}), 69);
  EXPECT_THAT(platform_.err(), HasSubstr("503 the database is away\nhint: "));
}

TEST_F(Execute, ALoadBalancerThatIsGoneIsUnavailable) {
  EXPECT_EQ(platform_.run({"execute", "a.yaml"}), 69);
  EXPECT_EQ(platform_.err(),
            "… publish a.yaml at http://localhost:8123\n"
            "error: POST /api/auth/login: connection refused\n"
            "hint: start the platform: auterity up; see it: auterity status\n");
}

TEST_F(Execute, TheTokenIsNeverShown) {
  accept_definition();
  platform_.answer(200, kFaulted);
  platform_.run({"execute", "a.yaml", "--json"});
  EXPECT_THAT(platform_.out() + platform_.err(), Not(HasSubstr("very-secret-token")));
}

}  // namespace
}  // namespace auterity::cli
