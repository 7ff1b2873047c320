// The memory store keeps the contract of execution stores.
#include "engine/store/memory_execution_store.h"

#include <gtest/gtest.h>

#include "harness/execution_store_contract.h"

namespace auterity::engine {
namespace {

// A clock that stands still until the test moves it.
class StandingClock final : public Clock {
 public:
  void advance(Duration duration) { monotonic_ += duration; }
  Time now() const override { return from_epoch_microseconds(1'795'000'000'000'000) + monotonic_; }
  Duration monotonic() const override { return monotonic_; }
  Async<void> sleep(Duration) override { co_return; }

 private:
  Duration monotonic_ = Duration::zero();
};

class MemoryWorld final : public harness::ExecutionStoreWorld {
 public:
  ExecutionStore& store() override { return store_; }
  harness::EventLoop& loop() override { return loop_; }
  Time now() override { return clock_.now(); }
  void advance(Duration duration) override { clock_.advance(duration); }

 private:
  harness::EventLoop loop_;
  StandingClock clock_;
  MemoryExecutionStore store_{clock_};
};

class MemoryExecutionStoreContract : public testing::TestWithParam<harness::ExecutionStoreRule> {};

TEST_P(MemoryExecutionStoreContract, Holds) {
  MemoryWorld world;
  GetParam().check(world);
}

INSTANTIATE_TEST_SUITE_P(Rules, MemoryExecutionStoreContract,
                         testing::ValuesIn(harness::execution_store_rules().begin(),
                                           harness::execution_store_rules().end()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace auterity::engine
