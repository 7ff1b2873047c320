#include "cli/application.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "cli/confirmation.h"
#include "cli/finally.h"
#include "cli/progress.h"
#include "cli/scripted_world.h"

namespace auterity::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

// Does whatever a test wants of a command.
class SubjectCommand final : public Command {
 public:
  using Work = std::function<Async<Result<ExitCode>>(World&)>;
  SubjectCommand(Work work, bool stops_in_order)
      : work_(std::move(work)), stops_in_order_(stops_in_order) {}

  CommandFacts facts() const override {
    return {.name = "subject",
            .group = CommandGroup::program,
            .summary = "",
            .details = "",
            .stops_in_order = stops_in_order_};
  }
  void declare(OptionSet&) override {}
  Async<Result<ExitCode>> run(World& world, const CommonOptions&) override { return work_(world); }
  std::string interruption_hint() const override { return "go on with: resume"; }

 private:
  Work work_;
  bool stops_in_order_;
};

class ApplicationTest : public testing::Test {
 protected:
  ExitCode run(SubjectCommand::Work work, bool stops_in_order = false, bool json = false) {
    SubjectCommand command(std::move(work), stops_in_order);
    CommandLine line{.command = &command, .common = {}, .text = {}};
    line.common.json = json;
    return run_command(scripted_.world, line);
  }

  ScriptedWorld scripted_;
};

Async<Result<ExitCode>> answer(Result<ExitCode> result) { co_return result; }

Async<Result<ExitCode>> fail_by_exception(World&) {
  throw std::runtime_error("boom");
  co_return kDone;
}

Async<Result<ExitCode>> interrupt_itself(World& world) {
  std::raise(SIGINT);
  co_await world.clock.sleep(std::chrono::hours(1));
  co_return kDone;
}

Async<Result<ExitCode>> end_in_order(World& world) {
  std::raise(SIGTERM);
  co_await world.stop.wait();
  world.out << "drained";
  co_return kDone;
}

Async<void> note_tidying(World& world) {
  co_await world.clock.sleep(std::chrono::milliseconds(1));
  world.out << "tidied";
}

Async<Result<ExitCode>> interrupt_then_tidy(World& world) {
  co_return co_await finally(interrupt_itself(world), note_tidying(world));
}

TEST_F(ApplicationTest, AnErrorDecidesTheExitCodeAndIsTwoLines) {
  EXPECT_EQ(run([](World&) { return answer(fail(ErrorKind::conflict, "locked", "wait")); }), 5);
  EXPECT_EQ(scripted_.err.str(), "error: locked\nhint: wait\n");
  EXPECT_EQ(scripted_.out.str(), "");
}

TEST_F(ApplicationTest, WithJsonAnErrorIsADocumentAsWell) {
  EXPECT_EQ(run([](World&) { return answer(fail(ErrorKind::not_found, "x", "y")); }, false, true),
            4);
  EXPECT_THAT(scripted_.out.str(), HasSubstr(R"({"error":{"kind":"not_found")"));
}

TEST_F(ApplicationTest, ExitCodesOfTheirOwnPass) {
  EXPECT_EQ(run([](World&) { return answer(kFailed); }), 1);
  EXPECT_EQ(scripted_.err.str(), "");
}

TEST_F(ApplicationTest, ExceptionsStopHere) {
  EXPECT_EQ(run(fail_by_exception), 70);
  EXPECT_THAT(scripted_.err.str(), HasSubstr("error: boom\nhint: this is a bug"));
}

TEST_F(ApplicationTest, AnInterruptionCancelsAndSaysHowToGoOn) {
  EXPECT_EQ(run(interrupt_itself), 130);
  EXPECT_EQ(scripted_.err.str(), "error: interrupted\nhint: go on with: resume\n");
}

TEST_F(ApplicationTest, AnInterruptedCommandStillTidiesUp) {
  EXPECT_EQ(run(interrupt_then_tidy), 130);
  EXPECT_EQ(scripted_.out.str(), "tidied");
}

TEST_F(ApplicationTest, ServicesEndInTheirOwnTime) {
  EXPECT_EQ(run(end_in_order, true), 0);
  EXPECT_EQ(scripted_.out.str(), "drained");
}

TEST(Confirmation, IsAskedForProductionOnly) {
  ScriptedWorld scripted;
  EXPECT_TRUE(confirm(scripted.world, {}, false, "restart everything"));
  const Status blind = confirm(scripted.world, {}, true, "restart everything");
  ASSERT_FALSE(blind);
  EXPECT_EQ(blind.error().kind, ErrorKind::invalid_input);
  EXPECT_THAT(blind.error().hint, HasSubstr("--yes"));
  CommonOptions yes;
  yes.yes = true;
  EXPECT_TRUE(confirm(scripted.world, yes, true, "restart everything"));
}

TEST(Confirmation, WantsTheNameItself) {
  ScriptedWorld scripted;
  scripted.world.terminal.in_is_terminal = true;
  CommonOptions common;
  common.environment = "production";
  scripted.in.str("yes\nproduction\n");
  EXPECT_EQ(confirm(scripted.world, common, true, "x").error().kind, ErrorKind::cancelled);
  EXPECT_TRUE(confirm(scripted.world, common, true, "restart everything"));
  EXPECT_THAT(scripted.err.str(), HasSubstr("this will restart everything."));
  EXPECT_EQ(scripted.out.str(), "");
}

TEST(ProgressLines, ArePlainWithoutATerminal) {
  ScriptedWorld scripted;
  Progress progress(scripted.world);
  progress.begin("starting postgres");
  progress.advance(1, 2);
  progress.done("ready");
  progress.begin("starting redis");
  progress.failed("port taken");
  EXPECT_THAT(
      scripted.err.str(),
      testing::MatchesRegex("… starting postgres\n✓ starting postgres: ready \\([0-9.]+ s\\)\n"
                            "… starting redis\n✗ starting redis: port taken \\([0-9.]+ s\\)\n"));
  EXPECT_EQ(scripted.out.str(), "");
}

TEST(ProgressLines, ReplaceThemselvesOnATerminalAndFitIt) {
  ScriptedWorld scripted;
  scripted.world.terminal.err_is_terminal = true;
  scripted.world.terminal.columns = 30;
  Progress progress(scripted.world);
  progress.begin("a step whose name is much longer than the terminal is wide");
  EXPECT_THAT(scripted.err.str(), HasSubstr("\r\x1b[2K"));
  EXPECT_THAT(scripted.err.str(), Not(HasSubstr("terminal is wide")));
  progress.done();
  EXPECT_THAT(scripted.err.str(), testing::EndsWith("s)\n"));
}

}  // namespace
}  // namespace auterity::cli
