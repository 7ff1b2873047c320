// What the commands about an environment answer while it is down or after an operation was cut off.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/scripted_platform.h"
#include "operations/journal/file_journal.h"
#include "operations/journal/history.h"

namespace auterity::cli {
namespace {

using operations::RecordKind;
using testing::HasSubstr;

TEST(Accounts, OfAPlatformThatIsDownAreAnsweredAtOnceWithTheWayUp) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"token"}, {"user", "list"}, {"user", "disable", "a@b.c"}}) {
    ScriptedPlatform platform;
    EXPECT_EQ(platform.run(arguments), 6);
    EXPECT_EQ(platform.err(),
              "error: the database of environment development does not run\n"
              "hint: start the platform: auterity up -e development\n");
  }
}

TEST(Migrations, OfAPlatformThatIsDownAreAnsweredAtOnceWithTheWayUp) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"migrate", "status"},
                                                    {"migrate", "up"},
                                                    {"migrate", "up", "--plan"},
                                                    {"migrate", "down", "--to", "1"},
                                                    {"migrate", "validate"}}) {
    ScriptedPlatform platform;
    auto given = arguments;
    given.insert(given.end(), {"--migrations", "/nowhere/migrations"});
    EXPECT_EQ(platform.run(given), 6) << arguments.back();
    EXPECT_EQ(platform.err(),
              "error: the database of environment development does not run\n"
              "hint: start the platform: auterity up -e development\n");
  }
}

// What an operator must know is in the command's own answer; the parts below it warn in the log.
TEST(Commands, OfOperatorsLeaveTheTerminalToTheirAnswer) {
  for (const CommandPtr& command : all_commands()) {
    const CommandFacts facts = command->facts();
    const bool role = facts.name == "serve" || facts.name == "work" || facts.name == "autoscale" ||
                      facts.name == "ship-log";
    EXPECT_EQ(facts.log_level, role ? LogLevel::info : LogLevel::error) << facts.name;
  }
}

TEST(Scale, WantsEachSizeOnce) {
  ScriptedPlatform platform;
  EXPECT_EQ(platform.run({"scale", "api=2", "api=3"}), 2);
  EXPECT_EQ(platform.err(),
            "error: api is given twice\nhint: for example: auterity scale api=3 workers=2\n");
}

TEST(Environments, ThatNobodyDescribedAreRefusedByEveryCommand) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"settings"},
                                                    {"status"},
                                                    {"up"},
                                                    {"down"},
                                                    {"restart", "redis"},
                                                    {"operations", "list"},
                                                    {"operations", "show", "latest"},
                                                    {"release", "list"},
                                                    {"migrate", "status"},
                                                    {"backup", "list"}}) {
    ScriptedPlatform platform;
    auto given = arguments;
    given.insert(given.end(), {"-e", "nope"});
    EXPECT_EQ(platform.run(given), 4) << arguments.back();
    EXPECT_EQ(platform.out(), "");
    EXPECT_THAT(platform.err(), HasSubstr("error: there is no environment named nope\n"));
  }
}

// An `up` that was killed after its first step had begun.
class Interrupted : public testing::Test {
 protected:
  Interrupted() {
    operations::Record started;
    started.id = "op-1";
    started.at = from_epoch_microseconds(1'700'000'000'000'000);
    started.term = 1;
    started.attribution = {"ada@here pid 7", "to see", "auterity 1.2.3"};
    started.plan = operations::Plan{
        "up", "development", {{"postgres", "start PostgreSQL", operations::UndoPolicy::undo}}, {}};
    operations::Record began;
    began.kind = RecordKind::began;
    began.at = started.at;
    began.term = 1;
    began.step = "postgres";
    for (const operations::Record& record : {started, began}) lines_ += to_line(record) + "\n";
    platform_.write(platform_.layout().operations() / "op-1.jsonl", lines_);
  }

  std::string lines_;
  ScriptedPlatform platform_;
};

constexpr std::string_view kHint =
    "hint: go on with it: auterity operations resume op-1 -e development; or take it back: "
    "auterity operations undo op-1 -e development\n";

TEST_F(Interrupted, ListsItAsInterruptedAndSaysHowToGoOn) {
  EXPECT_EQ(platform_.run({"operations", "list"}), 0);
  EXPECT_EQ(platform_.out(),
            "id    operation  state        started               who             why\n"
            "op-1  up         interrupted  2023-11-14T22:13:20Z  ada@here pid 7  to see\n");
  EXPECT_EQ(platform_.err(), kHint);
}

TEST_F(Interrupted, ShowsItAsInterrupted) {
  EXPECT_EQ(platform_.run({"operations", "show", "latest"}), 0);
  EXPECT_EQ(platform_.out(),
            "up op-1 of development: interrupted\n"
            "  who       ada@here pid 7\n"
            "  why       to see\n"
            "  program   auterity 1.2.3\n"
            "  started   2023-11-14T22:13:20Z\n"
            "\n"
            "   1. postgres  began\n"
            "      start PostgreSQL\n");
  EXPECT_EQ(platform_.err(), kHint);
}

TEST_F(Interrupted, JsonHoldsTheState) {
  EXPECT_EQ(platform_.run({"operations", "list", "--json"}), 0);
  EXPECT_THAT(platform_.out(), HasSubstr(R"("state":"interrupted")"));
}

TEST_F(Interrupted, StatusNamesIt) {
  EXPECT_EQ(platform_.run({"status"}), 0);
  EXPECT_THAT(platform_.out(), HasSubstr("interrupted: up (op-1); go on with it: auterity "));
}

// What a command would refuse its plan refuses, too.
TEST_F(Interrupted, PlansOfOthersSayThatItIsInTheWay) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"restart", "redis", "--plan"},
        {"scale", "api=3", "--plan"},
        {"scale", "api=3"},
        {"autoscale", "on", "--plan"},
        {"release", "prune", "--plan"},
        {"migrate", "up", "--plan", "--migrations", "/nowhere"}}) {
    ScriptedPlatform platform;
    platform.bring_up();
    platform.write(platform.layout().operations() / "op-1.jsonl", lines_);
    EXPECT_EQ(platform.run(arguments), 5) << arguments.front();
    EXPECT_EQ(platform.out(), "");
    EXPECT_EQ(platform.err(),
              "error: up (op-1) was left unfinished in this environment\n" + std::string(kHint));
  }
}

// The way back of a deploy is planned where `rollback` would turn it back.
TEST_F(Interrupted, RollbackPlansToTurnADeployBack) {
  operations::Record started;
  started.id = "op-2";
  started.at = from_epoch_microseconds(1'700'000'000'000'000);
  started.term = 2;
  started.plan = operations::Plan{"deploy",
                                  "development",
                                  {{"pools", "keep a place", operations::UndoPolicy::undo},
                                   {"canary-10", "10 % to green", operations::UndoPolicy::undo},
                                   {"forget", "green alone", operations::UndoPolicy::refuse}},
                                  {}};
  const auto deploy_until = [&](int steps) {
    std::string lines = operations::to_line(started) + "\n";
    for (int step = 0; step < steps; ++step)
      lines +=
          operations::to_line({.kind = RecordKind::applying,
                               .at = started.at,
                               .term = 2,
                               .step = started.plan->steps[static_cast<std::size_t>(step)].name}) +
          "\n";
    platform_.write(platform_.layout().operations() / "op-2.jsonl", lines);
  };
  deploy_until(2);
  EXPECT_EQ(platform_.run({"rollback", "--plan"}), 0);
  EXPECT_EQ(platform_.out(),
            "plan: rollback of environment development\n"
            "  turned back  deploy (op-2), which has not ended\n"
            "   1. canary-10  take back: 10 % to green\n"
            "   2. pools      take back: keep a place\n");
  deploy_until(3);
  EXPECT_EQ(platform_.run({"rollback", "--plan"}), 5);
  EXPECT_THAT(platform_.err(),
              HasSubstr("step forget of operation op-2 cannot be taken back\n"
                        "hint: go on instead: auterity operations resume op-2 -e development\n"));
}

}  // namespace
}  // namespace auterity::cli
