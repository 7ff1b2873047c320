// While others change the platform the autoscaler rests, whoever they are.
#include <gtest/gtest.h>

#include "core/disk_files.h"
#include "harness/event_loop.h"
#include "harness/simulated_clock.h"
#include "harness/throwaway_folder.h"
#include "operations/journal/file_lock.h"
#include "operations/scale/scale_signals.h"

namespace auterity::operations {
namespace {

class NobodyAnswers final : public HttpClient {
 public:
  Async<Result<HttpResponse>> send(HttpRequest) override {
    co_return fail(ErrorKind::unavailable, "connection refused");
  }
};

class NoPrograms final : public Processes {
 public:
  Async<Result<ProcessOutcome>> run(ProcessRequest) override {
    co_return fail(ErrorKind::not_found, "there are no programs in this test");
  }
};

class ScalePause : public ::testing::Test {
 protected:
  void SetUp() override {
    platform_.layout = context_.layout;
    platform_.public_port = 8001;
    platform_.postgres_port = 8002;
    platform_.pool().version = "1.2.3";
    for (const auto& path : {context_.layout.services(), context_.layout.operations()})
      ASSERT_TRUE(static_cast<Files&>(files_).create_directories(path));
    ASSERT_TRUE(keep_platform(context_, platform_));
  }

  ScaleObservation observe() {
    auto seen = clock_.run(signals_.observe());
    EXPECT_TRUE(seen) << seen.error().message;
    return seen ? *seen : ScaleObservation{};
  }

  harness::ThrowawayFolder folder_{"pause"};
  boost::asio::io_context io_{1};
  harness::SimulatedClock clock_{io_};
  DiskFiles files_;
  SeededRandom random_{1};
  harness::SilentLog log_;
  NobodyAnswers http_;
  NoPrograms processes_;
  LocalContext context_{.executor = io_.get_executor(),
                        .files = files_,
                        .processes = processes_,
                        .clock = clock_,
                        .random = random_,
                        .http = http_,
                        .log = log_,
                        .program = "/usr/bin/auterity",
                        .user_id = 1,
                        .user_name = "ada",
                        .layout = {folder_.path(), "staging", folder_.path() / "run"}};
  local::Platform platform_;
  ScaleSignals signals_{context_};
};

TEST_F(ScalePause, LastsAsLongAsAnyOperationHoldsTheLock) {
  EXPECT_EQ(observe().paused_by, "");
  for (const char* kind :
       {"deploy", "rollback", "migrate-up", "restart", "scale", "up", "backup database"}) {
    FileLock lock(files_, clock_, context_.layout.operations());
    ASSERT_TRUE(lock.acquire("ada@sea pid 7", kind));
    EXPECT_EQ(observe().paused_by, kind);
    ASSERT_TRUE(lock.release());
    EXPECT_EQ(observe().paused_by, "") << kind << " has ended";
  }
}

TEST_F(ScalePause, LastsAsLongAsTwoReleasesShareThePlatformEvenWhenTheDeployDied) {
  platform_.pools.push_back({.colour = "green", .version = "1.3.0", .percent = 0});
  ASSERT_TRUE(keep_platform(context_, platform_));
  EXPECT_EQ(observe().paused_by, "deploy");
}

TEST_F(ScalePause, WhatCannotBeMeasuredIsUnknown) {
  observe();  // two of the figures are differences
  clock_.run_for(std::chrono::seconds(10));
  const ScaleObservation seen = observe();
  EXPECT_FALSE(seen.cpu_percent);
  EXPECT_FALSE(seen.queue_age_s);
  EXPECT_FALSE(seen.p95_latency_ms);
  EXPECT_EQ(seen.sizes, (PlatformSizes{2, 1}));
}

}  // namespace
}  // namespace auterity::operations
