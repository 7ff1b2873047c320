#include "core/system_processes.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "core/system_clock.h"

namespace auterity {
namespace {

class SystemProcessesTest : public ::testing::Test {
 protected:
  Result<ProcessOutcome> run(ProcessRequest request) {
    boost::asio::io_context context;
    SystemProcesses processes(clock_);
    auto answer =
        boost::asio::co_spawn(context, processes.run(std::move(request)), boost::asio::use_future);
    context.run();
    return answer.get();
  }
  SystemClock clock_;
};

TEST_F(SystemProcessesTest, CarriesInputOutputErrorsAndExitCode) {
  const auto outcome =
      run({.arguments = {"sh", "-c", "cat; echo oops >&2; exit 3"}, .input = "hello"});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->output, "hello");
  EXPECT_EQ(outcome->error_output, "oops\n");
  EXPECT_EQ(outcome->exit_code, 3);
}

TEST_F(SystemProcessesTest, MovesMoreThanAPipeHolds) {
  const std::string big(3'000'000, 'x');
  const auto outcome = run({.arguments = {"cat"}, .input = big});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->output.size(), big.size());
  EXPECT_FALSE(outcome->truncated);
}

TEST_F(SystemProcessesTest, CutsOutputOverTheLimitAndSaysSo) {
  const auto outcome =
      run({.arguments = {"cat"}, .input = std::string(1000, 'x'), .max_output_bytes = 10});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->output, "xxxxxxxxxx");
  EXPECT_TRUE(outcome->truncated);
}

TEST_F(SystemProcessesTest, TimeoutKillsTheWholeGroup) {
  const auto outcome = run({.arguments = {"sh", "-c", "sleep 1000 & sleep 1000"},
                            .timeout = std::chrono::milliseconds(50)});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::timeout);
}

TEST_F(SystemProcessesTest, MissingProgramsAreNotFound) {
  EXPECT_EQ(run({.arguments = {"no-such-program-here"}}).error().kind, ErrorKind::not_found);
  EXPECT_EQ(run({.arguments = {"/no/such"}}).error().kind, ErrorKind::not_found);
  EXPECT_EQ(run({.arguments = {"true"}, .run_as = "no-such-user"}).error().kind,
            ErrorKind::not_found);
  EXPECT_EQ(run({.arguments = {"true"}, .working_directory = "/no/such"}).error().kind,
            ErrorKind::unavailable);
}

TEST_F(SystemProcessesTest, AnEmptyNameIsNotAFolderOfThePath) {
  for (const ProcessRequest& request :
       {ProcessRequest{.arguments = {""}}, ProcessRequest{.arguments = {}}}) {
    const auto outcome = run(request);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(outcome.error().message, "no program was named");
  }
  const auto folder = run({.arguments = {"/usr"}});
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().kind, ErrorKind::not_found);
}

TEST_F(SystemProcessesTest, ChildrenDoNotInheritOurSockets) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);  // not close-on-exec, like Asio's
  const auto outcome =
      run({.arguments = {"sh", "-c", "[ ! -e /proc/self/fd/" + std::to_string(socket) + " ]"}});
  ::close(socket);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->exit_code, 0);
}

TEST_F(SystemProcessesTest, CleanEnvironmentHoldsOnlyWhatWasGiven) {
  const auto outcome =
      run({.arguments = {"env"}, .environment = {{"A", "1"}}, .clean_environment = true});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->output, "A=1\n");
}

TEST_F(SystemProcessesTest, DeathBySignalIsAnExitCode) {
  const auto outcome = run({.arguments = {"sh", "-c", "kill -9 $$"}});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->exit_code, 128 + SIGKILL);
}

TEST_F(SystemProcessesTest, AChildThatIgnoresItsInputIsNoError) {
  const auto outcome = run({.arguments = {"true"}, .input = std::string(1'000'000, 'x')});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->exit_code, 0);
}

}  // namespace
}  // namespace auterity
