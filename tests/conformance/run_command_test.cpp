// What people and scripts meet around a workflow: arguments, files, exit codes, streams,
// interruption.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/json.h"
#include "harness/program.h"
#include "harness/throwaway_folder.h"

namespace auterity::conformance {
namespace {

using harness::ProgramOutcome;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

constexpr const char* kGreeting =
    R"(document: { dsl: '1.0.3', namespace: test, name: greet, version: '1.0.0' }
do:
  - greet: { set: { text: '${ "hello " + .name }' } }
)";

class RunCommandTest : public testing::Test {
 protected:
  RunCommandTest() { write("greet.yaml", kGreeting); }

  void SetUp() override {
    ASSERT_FALSE(harness::program_path().empty()) << "AUTERITY_BINARY says where the program is";
  }

  void write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_.path() / name, std::ios::binary) << content;
  }
  ProgramOutcome program(std::vector<std::string> arguments, std::string input = {},
                         std::map<std::string, std::string> environment = {}) const {
    return harness::run_program({.arguments = std::move(arguments),
                                 .input = std::move(input),
                                 .environment = std::move(environment),
                                 .working_directory = folder_.path().string()});
  }
  // Refused as bad usage: exit 2, nothing on standard output, a hint at the end.
  std::string refusal(std::vector<std::string> arguments, std::string input = {}) const {
    const ProgramOutcome outcome = program(std::move(arguments), std::move(input));
    EXPECT_EQ(outcome.exit_code, 2) << outcome.error_output;
    EXPECT_EQ(outcome.output, "");
    EXPECT_THAT(outcome.last_error_line(), StartsWith("hint: "));
    return outcome.error_output;
  }

  harness::ThrowawayFolder folder_{"run-command"};
};

TEST_F(RunCommandTest, InputComesFromArgumentFileOrStandardInput) {
  write("input.json", R"({"name":"file"})");
  write("input.yaml", "name: yaml\n");
  const auto text = [&](std::vector<std::string> arguments, std::string input = {}) {
    const ProgramOutcome outcome = program(std::move(arguments), std::move(input));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.error_output;
    return outcome.output;
  };
  EXPECT_EQ(text({"run", "greet.yaml", "--input", R"({"name":"argument"})"}),
            "{\"text\":\"hello argument\"}\n");
  EXPECT_EQ(text({"run", "greet.yaml", "--input", "@input.json"}), "{\"text\":\"hello file\"}\n");
  EXPECT_EQ(text({"run", "greet.yaml", "--input=@input.yaml"}), "{\"text\":\"hello yaml\"}\n");
  EXPECT_EQ(text({"run", "greet.yaml", "--input", "@-"}, R"({"name":"pipe"})"),
            "{\"text\":\"hello pipe\"}\n");
  EXPECT_EQ(text({"run", "-", "--input", R"({"name":"x"})"}, kGreeting),
            "{\"text\":\"hello x\"}\n");
}

TEST_F(RunCommandTest, BadUsageIsRefusedWithAHint) {
  EXPECT_THAT(refusal({"run"}), HasSubstr("FILE is missing"));
  EXPECT_THAT(refusal({"run", "greet.yaml", "extra"}), HasSubstr("unexpected argument extra"));
  EXPECT_THAT(refusal({"run", "greet.yaml", "--inptu", "1"}), HasSubstr("did you mean: --input"));
  EXPECT_THAT(refusal({"run", "greet.yaml", "--input", "{"}), HasSubstr("--input is not JSON"));
  EXPECT_THAT(refusal({"run", "greet.yaml", "--timeout", "-1"}), HasSubstr("--timeout"));
  EXPECT_THAT(refusal({"run", "greet.yaml", "--secret", "nothing"}), HasSubstr("NAME=JSON"));
  EXPECT_THAT(refusal({"run", "greet.yaml", "--override-endpoint", "a=b"}), HasSubstr("FROM=TO"));
  EXPECT_THAT(refusal({"run", "-", "--input", "@-"}, kGreeting), HasSubstr("standard input"));
  EXPECT_THAT(refusal({"run", "greet.yaml", "--event-file", "x"}), HasSubstr("listen"));
  EXPECT_THAT(refusal({"run", "greet.yaml", "--workflow", "x"}), HasSubstr("run: workflow"));
}

TEST_F(RunCommandTest, AMissingFileIsNotFound) {
  const ProgramOutcome outcome = program({"run", "absent.yaml"});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_THAT(outcome.error_output, HasSubstr("absent.yaml"));
  EXPECT_THAT(outcome.last_error_line(), StartsWith("hint: "));
}

TEST_F(RunCommandTest, AnInvalidDefinitionIsExitTwoWithEveryProblem) {
  write("bad.yaml",
        "document: { dsl: '1.0.3', namespace: test, name: bad, version: '1.0.0' }\ndo:\n"
        "  - one: { sett: { a: 1 } }\n  - two: { set: { a: 1 }, then: nowhere }\n");
  const ProgramOutcome outcome = program({"run", "bad.yaml"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.output, "");
  EXPECT_THAT(outcome.error_output, HasSubstr("bad.yaml:3: /do/0/one"));
  EXPECT_THAT(outcome.error_output, HasSubstr("bad.yaml:4: /do/1/two"));
  const ProgramOutcome checked = program({"validate", "bad.yaml"});
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_THAT(checked.output, HasSubstr("bad.yaml:3: /do/0/one"));
  EXPECT_THAT(checked.output, HasSubstr("bad.yaml:4: /do/1/two"));
}

TEST_F(RunCommandTest, WhatThisBuildCannotRunIsNamedWithItsPlace) {
  write("listen.yaml",
        "document: { dsl: '1.0.3', namespace: test, name: l, version: '1.0.0' }\ndo:\n"
        "  - hear: { listen: { to: { one: { with: { type: x } } } } }\n");
  const std::string errors = refusal({"run", "listen.yaml"});
  EXPECT_THAT(errors, HasSubstr("/do/0/hear"));
  EXPECT_THAT(errors, HasSubstr("listen"));
  EXPECT_EQ(program({"validate", "listen.yaml"}).exit_code, 0);
}

TEST_F(RunCommandTest, AFaultIsExitOneAndOneJsonLineAtTheEnd) {
  const ProgramOutcome outcome = program({"run", "greet.yaml", "--input", R"({"name":[1]})"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.output, "");
  const auto error = parse_json(outcome.last_error_line());
  ASSERT_TRUE(error) << outcome.error_output;
  for (const char* member : {"type", "status", "title", "detail", "instance"})
    EXPECT_NE(find_member(*error, member), nullptr) << member;
}

TEST_F(RunCommandTest, SecretsComeFromVariablesAndNeverShowInErrors) {
  write(
      "secret.yaml",
      "document: { dsl: '1.0.3', namespace: test, name: s, version: '1.0.0' }\n"
      "use: { secrets: [key] }\ndo:\n  - use: { set: { length: '${ $secrets.key | length }' } }\n");
  const ProgramOutcome outcome =
      program({"run", "secret.yaml", "--secret", "key=env:MY_KEY"}, {}, {{"MY_KEY", "\"four\""}});
  EXPECT_EQ(outcome.output, "{\"length\":4}\n") << outcome.error_output;
  EXPECT_THAT(refusal({"run", "secret.yaml", "--secret", "key=env:NOT_SET_HERE"}),
              HasSubstr("NOT_SET_HERE"));
  EXPECT_THAT(refusal({"run", "secret.yaml", "--secret", "key=hunter2hunter2"}),
              Not(HasSubstr("hunter2hunter2")));
}

TEST_F(RunCommandTest, EventsAreLinesOfCloudEvents) {
  ASSERT_EQ(
      program({"run", "greet.yaml", "--input", R"({"name":"x"})", "--events", "e.jsonl"}).exit_code,
      0);
  std::ifstream lines(folder_.path() / "e.jsonl");
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto event = parse_json(line);
    ASSERT_TRUE(event) << line;
    EXPECT_EQ(string_or(find_member(*event, "specversion"), ""), "1.0");
    EXPECT_THAT(std::string(string_or(find_member(*event, "type"), "")),
                MatchesRegex("io\\.serverlessworkflow\\.(workflow|task)\\.[a-z]+\\.v1"));
    for (const char* attribute : {"id", "source", "time", "data"})
      EXPECT_NE(find_member(*event, attribute), nullptr) << attribute;
  }
  EXPECT_GE(count, 4u);
}

TEST_F(RunCommandTest, AnEventsFileThatCannotBeWrittenIsSaidBeforeTheStart) {
  const ProgramOutcome outcome =
      program({"run", "greet.yaml", "--input", R"({"name":"x"})", "--events", "absent/e.jsonl"});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_EQ(outcome.output, "");
  EXPECT_THAT(outcome.error_output, HasSubstr("absent/e.jsonl"));
}

TEST_F(RunCommandTest, ErrorsAsJsonAreOneDocument) {
  const ProgramOutcome outcome = program({"run", "absent.yaml", "--json"});
  EXPECT_EQ(outcome.exit_code, 4);
  const auto document = parse_json(outcome.output);
  ASSERT_TRUE(document) << outcome.output;
  EXPECT_EQ(string_or(find_pointer(*document, "/error/kind"), ""), "not_found");
}

TEST_F(RunCommandTest, ValidateTakesManyFilesAndReportsAsJson) {
  write("bad.json", R"({"document":{"dsl":"1.0.3","dsl":"1.0.3"}})");
  const ProgramOutcome outcome = program({"validate", "greet.yaml", "bad.json", "--json"});
  EXPECT_EQ(outcome.exit_code, 1);
  const auto report = parse_json(outcome.output);
  ASSERT_TRUE(report);
  EXPECT_EQ(*find_pointer(*report, "/files/0/valid"), Json(true));
  EXPECT_EQ(*find_pointer(*report, "/files/1/valid"), Json(false));
}

TEST_F(RunCommandTest, HostileInputEndsInAnAnswer) {
  const std::string deep = std::string(200'000, '[');
  EXPECT_THAT(refusal({"run", "-"}, deep), HasSubstr("error: "));
  EXPECT_THAT(refusal({"run", "-"}, std::string("\0\xff\xfe", 3)), HasSubstr("error: "));
  EXPECT_THAT(refusal({"run", "-"}, ""), HasSubstr("error: "));
  EXPECT_THAT(refusal({"run", "-"}, "a: &a [*a]\n"), HasSubstr("error: "));
  write("deep.json", deep);
  EXPECT_THAT(refusal({"run", "greet.yaml", "--input", "@deep.json"}), HasSubstr("--input"));
}

}  // namespace
}  // namespace auterity::conformance
