#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/help.h"

namespace auterity::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Takes one option of every kind, so that the parser's behaviour can be seen from outside.
class SampleCommand final : public Command {
 public:
  explicit SampleCommand(std::string_view name) : name_(name) {}
  CommandFacts facts() const override {
    return {.name = name_,
            .group = CommandGroup::platform,
            .summary = "do something",
            .details = "Paragraph."};
  }
  void declare(OptionSet& options) override {
    options.required_argument("FILE", file, "the file");
    options.list("--secret", "NAME=JSON", secrets, "a secret");
    options.number("-n,--number", "N", number, {.least = 1, .most = 9}, "a number");
    options.seconds("--timeout", timeout, "the limit");
    options.choice("--colour", {"blue", "green"}, colour, "a colour");
    options.seconds_or_zero("--pause", pause, "between two");
    options.flag("--plan", plan, "print the plan");
    options.text("--input", "JSON", input, "a value");
  }
  Async<Result<ExitCode>> run(World&, const CommonOptions&) override { co_return kDone; }

  std::string file;
  std::vector<std::string> secrets;
  std::int64_t number = 2;
  std::optional<Duration> timeout, pause;
  std::optional<std::string> colour, input;
  bool plan = false;

 private:
  std::string_view name_;
};

class ManyFilesCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "many", .group = CommandGroup::program, .summary = "take many", .details = ""};
  }
  void declare(OptionSet& options) override {
    options.required_arguments("FILE", files, "files");
    options.flag("--plan", plan, "print the plan");
  }
  Async<Result<ExitCode>> run(World&, const CommonOptions&) override { co_return kDone; }

  std::vector<std::string> files;
  bool plan = false;
};

class WordCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "switch", .group = CommandGroup::program, .summary = "switch", .details = ""};
  }
  void declare(OptionSet& options) override {
    options.required_choice({"backend", "frontend"}, word, "which", {"inner"});
  }
  Async<Result<ExitCode>> run(World&, const CommonOptions&) override { co_return kDone; }

  std::string word;
};

class CommandLineTest : public testing::Test {
 protected:
  CommandLineTest() {
    for (const char* name : {"sample", "user add", "user list"})
      commands_.push_back(std::make_unique<SampleCommand>(name));
    commands_.push_back(std::make_unique<WordCommand>());
    commands_.push_back(std::make_unique<ManyFilesCommand>());
  }
  SampleCommand& sample(std::size_t index = 0) {
    return static_cast<SampleCommand&>(*commands_[index]);
  }
  Result<CommandLine> parse(std::vector<std::string> arguments) {
    return parse_command_line(std::move(arguments), commands_, variables_);
  }
  Error refusal(std::vector<std::string> arguments) {
    const auto line = parse(std::move(arguments));
    EXPECT_FALSE(line);
    return line ? Error{} : line.error();
  }

  CommandList commands_;
  EnvironmentVariables variables_;
};

TEST_F(CommandLineTest, BindsEveryKindOfOption) {
  const auto line = parse({"sample", "--secret", "A=1", "f.yaml", "--secret=B=2", "-n", "7",
                           "--timeout", "0.5", "--colour", "green", "--plan", "--input", "[1,2]"});
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_EQ(line->command, commands_[0].get());
  EXPECT_EQ(sample().file, "f.yaml");
  EXPECT_THAT(sample().secrets, ElementsAre("A=1", "B=2"));
  EXPECT_EQ(sample().number, 7);
  EXPECT_EQ(sample().timeout, Duration(500'000));
  EXPECT_EQ(sample().colour, "green");
  EXPECT_EQ(sample().input, "[1,2]");
  EXPECT_TRUE(sample().plan);
}

TEST_F(CommandLineTest, KeepsDefaultsOfWhatIsNotGiven) {
  ASSERT_TRUE(parse({"sample", "f"}));
  EXPECT_EQ(sample().number, 2);
  EXPECT_FALSE(sample().timeout);
  EXPECT_FALSE(sample().plan);
}

TEST_F(CommandLineTest, ValuesMayBeginWithADash) {
  ASSERT_TRUE(parse({"sample", "-", "--input", "-5"}));
  EXPECT_EQ(sample().file, "-");
  EXPECT_EQ(sample().input, "-5");
}

TEST_F(CommandLineTest, ArgumentsMayBeMany) {
  const auto line = parse({"many", "a", "--plan", "b", "-", "-e", "x", "c"});
  ASSERT_TRUE(line) << line.error().message;
  const auto& many = static_cast<ManyFilesCommand&>(*commands_.back());
  EXPECT_THAT(many.files, ElementsAre("a", "b", "-", "c"));
  EXPECT_TRUE(many.plan);
  EXPECT_EQ(refusal({"many"}).message, "FILE is missing");
}

TEST_F(CommandLineTest, CommonOptionsStandBeforeOrAfterTheName) {
  const auto before = parse({"-e", "staging", "--json", "sample", "f"});
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_EQ(before->common.environment, "staging");
  EXPECT_TRUE(before->common.json);
  const auto after =
      parse({"sample", "f", "--environment=production", "--yes", "--reason", "noon release"});
  ASSERT_TRUE(after);
  EXPECT_EQ(after->common.environment, "production");
  EXPECT_TRUE(after->common.yes);
  EXPECT_EQ(after->common.reason, "noon release");
}

TEST_F(CommandLineTest, EnvironmentComesFromFlagThenVariableThenDefault) {
  EXPECT_EQ(parse({"sample", "f"})->common.environment, "development");
  variables_["AUTERITY_ENVIRONMENT"] = "staging";
  EXPECT_EQ(parse({"sample", "f"})->common.environment, "staging");
  EXPECT_EQ(parse({"sample", "f", "-e", "x"})->common.environment, "x");
}

TEST_F(CommandLineTest, CommandsOfTwoWords) {
  const auto line = parse({"user", "list", "f"});
  ASSERT_TRUE(line);
  EXPECT_EQ(line->command, commands_[2].get());
  EXPECT_EQ(refusal({"user"}).message, "`auterity user` needs one more word");
  EXPECT_EQ(refusal({"user"}).hint, "one of: add, list");
  EXPECT_EQ(refusal({"user", "ad"}).message, "unknown command `auterity user ad`");
}

TEST_F(CommandLineTest, RefusesWhatItDoesNotKnowAndSaysWhatWouldBeRight) {
  EXPECT_EQ(refusal({"sampel", "f"}).hint, "did you mean: auterity sample");
  EXPECT_EQ(refusal({"frobnicate"}).message, "unknown command frobnicate");
  EXPECT_EQ(refusal({"sample", "f", "--tiemout", "3"}).message, "unknown option --tiemout");
  EXPECT_EQ(refusal({"sample", "f", "--tiemout", "3"}).hint, "did you mean: --timeout");
  EXPECT_EQ(refusal({"sample", "f", "g"}).message, "unexpected argument g");
  EXPECT_EQ(refusal({"sample"}).message, "FILE is missing");
  EXPECT_EQ(refusal({"--frob", "sample"}).message, "unknown option --frob");
  EXPECT_EQ(refusal({"--json"}).message, "no command was given");
  EXPECT_EQ(refusal({"sample", "f", "--frob"}).kind, ErrorKind::invalid_input);
}

TEST_F(CommandLineTest, RefusesValuesThatDoNotFit) {
  EXPECT_EQ(refusal({"sample", "f", "-n", "10"}).message, "--number: 10 is not between 1 and 9");
  EXPECT_EQ(refusal({"sample", "f", "-n", "x"}).message, "--number: x is not a whole number");
  EXPECT_EQ(refusal({"sample", "f", "--colour", "red"}).message,
            "--colour: red is not one of blue, green");
  EXPECT_EQ(refusal({"sample", "f", "--timeout", "0"}).message,
            "--timeout: 0 is not a number of seconds above 0");
  EXPECT_EQ(refusal({"sample", "f", "--timeout", "nan"}).message,
            "--timeout: nan is not a number of seconds above 0");
  EXPECT_THAT(refusal({"sample", "f", "--timeout"}).message, HasSubstr("--timeout"));
  EXPECT_THAT(refusal({"sample", "f", "-n", "1", "-n", "2"}).message, HasSubstr("--number"));
}

TEST_F(CommandLineTest, AWordThatIsNoChoiceIsHeldAgainstTheListOnce) {
  EXPECT_EQ(refusal({"switch", "bakend"}).message, "bakend is not one of backend, frontend");
  EXPECT_EQ(refusal({"switch", "bakend"}).hint, "did you mean: backend");
  EXPECT_EQ(refusal({"switch", "x"}).hint, "see: auterity switch --help");
  EXPECT_EQ(refusal({"switch"}).message, "backend|frontend is missing");
  EXPECT_EQ(refusal({"sample", "f", "--colour", "gren"}).hint, "did you mean: green");
  EXPECT_TRUE(parse({"switch", "inner"})) << "for the platform's own use";
}

TEST_F(CommandLineTest, NoSecondsAreWelcomeWhereTheyMeanSomething) {
  ASSERT_TRUE(parse({"sample", "f", "--pause", "0"}));
  EXPECT_EQ(sample().pause, Duration{});
  EXPECT_EQ(refusal({"sample", "f", "--pause", "-1"}).message,
            "--pause: -1 is not a number of seconds, 0 or more");
}

TEST_F(CommandLineTest, HelpIsAskedForInEveryUsualWay) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {}, {"--help"}, {"-h"}, {"help"}, {"--json", "--help"}}) {
    const auto line = parse(arguments);
    ASSERT_TRUE(line) << line.error().message;
    EXPECT_EQ(line->command, nullptr);
    EXPECT_THAT(line->text, HasSubstr("user add"));
  }
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"sample", "--help"}, {"help", "sample"}, {"sample", "--frob", "-h"}}) {
    const auto line = parse(arguments);
    ASSERT_TRUE(line) << line.error().message;
    EXPECT_THAT(line->text, HasSubstr("usage: auterity sample FILE [OPTIONS]"));
    EXPECT_THAT(line->text, HasSubstr("(default: 2)"));
    EXPECT_THAT(line->text, HasSubstr("--environment NAME"));
  }
  EXPECT_THAT(parse({"user", "--help"})->text, HasSubstr("user list"));
}

TEST_F(CommandLineTest, VersionIsAnOptionToo) {
  EXPECT_THAT(parse({"--version"})->text, HasSubstr("auterity "));
}

TEST_F(CommandLineTest, JsonIsNoticedInArgumentsThatCannotBeParsed) {
  EXPECT_TRUE(asks_for_json({"frobnicate", "--json"}));
  EXPECT_FALSE(asks_for_json({"run", "--", "--json"}));
  EXPECT_FALSE(asks_for_json({}));
}

}  // namespace
}  // namespace auterity::cli
