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

}  // namespace
}  // namespace auterity::cli
