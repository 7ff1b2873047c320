// How a stage of a canary goes on in time, against a load balancer's log that the test writes.
#include "operations/deploy/canary_watch.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>

#include "core/disk_files.h"
#include "harness/event_loop.h"
#include "harness/simulated_clock.h"
#include "harness/throwaway_folder.h"
#include "operations/deploy/turn_back.h"

namespace auterity::operations {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class NoPrograms final : public Processes {
 public:
  Async<Result<ProcessOutcome>> run(ProcessRequest) override {
    co_return fail(ErrorKind::not_found, "there are no programs in this test");
  }
};

// The load balancer: answers after a while, with the same status each, and logs the request.
class Balancer final : public HttpClient {
 public:
  Balancer(Clock& clock, std::filesystem::path log) : clock_(clock), log_(std::move(log)) {}

  void serve(const char* server, int requests, int status = 200) {
    std::ofstream log(log_, std::ios::app);
    const auto at = std::chrono::duration_cast<milliseconds>(clock_.now().time_since_epoch());
    for (int index = 0; index < requests; ++index)
      log << fmt::format(
                 R"({{"accepted_ms":{},"server":"{}","status":{},"response_ms":5,"termination":"--"}})",
                 at.count(), server, status)
          << '\n';
  }
  Async<Result<HttpResponse>> send(HttpRequest request) override {
    const bool signing_in = request.url.ends_with("/api/auth/login");
    co_await clock_.sleep(answer_after);
    if (signing_in) co_return HttpResponse{.status = 200, .body = R"({"access_token":"t"})"};
    serve("green-api-1", 1, answers_with);
    co_return HttpResponse{.status = answers_with};
  }

  Duration answer_after = milliseconds(1);
  int answers_with = 200;

 private:
  Clock& clock_;
  std::filesystem::path log_;
};

class CanaryWatchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const auto& path : {context_.layout.operations(), context_.layout.logs() / "haproxy"})
      ASSERT_TRUE(static_cast<Files&>(files_).create_directories(path));
    platform_.layout = context_.layout;
    std::ofstream(log_path()) << "";
  }
  std::filesystem::path log_path() const { return context_.layout.logs() / "haproxy" / "current"; }

  // Runs a stage of `bake`; `later` is done `after` its beginning.
  WatchResult watch(seconds bake, Duration after, std::function<void()> later) {
    DeployWorld world{.context = context_,
                      .request = {.candidate = "green", .bake = bake, .thresholds = {}},
                      .environment = {}};
    CanaryWatch watch(world, platform_, false);
    std::optional<Result<WatchResult>> result;
    boost::asio::co_spawn(io_, watch.run(), [&](std::exception_ptr, Result<WatchResult> value) {
      result.emplace(std::move(value));
    });
    const Duration begun = clock_.monotonic();
    clock_.run_for(after);
    later();
    EXPECT_TRUE(clock_.run_until([&] { return result.has_value(); }, std::chrono::minutes(10)));
    lasted_ = clock_.monotonic() - begun;
    if (!result || !*result) {
      ADD_FAILURE() << (result ? result->error().message : "it does not end");
      return {};
    }
    return std::move(**result);
  }

  harness::ThrowawayFolder folder_{"watch"};
  boost::asio::io_context io_{1};
  harness::SimulatedClock clock_{io_};
  DiskFiles files_;
  SeededRandom random_{1};
  harness::SilentLog log_;
  NoPrograms processes_;
  local::Layout layout_{folder_.path(), "staging", folder_.path() / "run"};
  Balancer balancer_{clock_, layout_.logs() / "haproxy" / "current"};
  LocalContext context_{.executor = io_.get_executor(),
                        .files = files_,
                        .processes = processes_,
                        .clock = clock_,
                        .random = random_,
                        .http = balancer_,
                        .log = log_,
                        .program = "/usr/bin/auterity",
                        .user_id = 1,
                        .user_name = "ada",
                        .layout = layout_};
  local::Platform platform_;
  Duration lasted_{};
};

TEST_F(CanaryWatchTest, RequestsAreJudgedOnceASecondAndAtTheEndOfTheStage) {
  const WatchResult worse =
      watch(seconds(10), milliseconds(1200), [&] { balancer_.serve("green-api-1", 200, 500); });
  EXPECT_EQ(worse.verdict.outcome, CanaryOutcome::worse) << worse.verdict.reason;
  EXPECT_EQ(lasted_, seconds(2));
  const WatchResult healthy =
      watch(seconds(3), milliseconds(1200), [&] { balancer_.serve("green-api-1", 200); });
  EXPECT_EQ(healthy.verdict.outcome, CanaryOutcome::healthy) << healthy.verdict.reason;
  EXPECT_EQ(lasted_, seconds(3));
  EXPECT_EQ(healthy.samples.candidate.errors.requests, 200U);
}

TEST_F(CanaryWatchTest, AWishToTurnBackIsSeenBetweenTwoJudgements) {
  const WatchResult turned = watch(seconds(10), milliseconds(1210), [&] {
    ASSERT_TRUE(ask_to_turn_back(files_, layout_, {"ada", "it smells", ""}));
  });
  EXPECT_EQ(turned.verdict.reason, "ada asked to turn back: it smells");
  EXPECT_EQ(lasted_, milliseconds(1220));
}

TEST_F(CanaryWatchTest, SlowAnswersToSyntheticRequestsDoNotHideAWishToTurnBack) {
  balancer_.answer_after = milliseconds(900);
  const WatchResult turned = watch(seconds(2), milliseconds(4000), [&] {
    ASSERT_TRUE(ask_to_turn_back(files_, layout_, {"ada", "", ""}));
  });
  EXPECT_TRUE(turned.verdict.reason.starts_with("ada asked to turn back")) << turned.verdict.reason;
  EXPECT_LT(lasted_, milliseconds(6000));
}

TEST_F(CanaryWatchTest, RefusedSyntheticRequestsAreAnErrorThatNamesTheStatus) {
  for (const int status : {401, 403, 429}) {
    balancer_.answers_with = status;
    std::string token;
    SyntheticRequests synthetic(context_, platform_, token);
    const Status sent = clock_.run(synthetic.send(25));
    ASSERT_FALSE(sent) << status;
    EXPECT_TRUE(sent.error().message.ends_with(fmt::format("refused with status {}", status)))
        << sent.error().message;
  }
}

}  // namespace
}  // namespace auterity::operations
