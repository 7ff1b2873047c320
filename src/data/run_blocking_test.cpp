#include "data/run_blocking.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/thread_pool.hpp>

#include "core/task_group.h"
#include "harness/event_loop.h"

namespace auterity::data {
namespace {

Async<void> call(Executor pool, std::atomic<int>& calls) {
  co_await run_blocking(std::move(pool), [&calls] { return ++calls; });
}

// The exception of a cancellation that met a thread of the pool at the begin of its work would end
// the process.
TEST(RunBlocking, ACancellationIsNoMatterOfThePool) {
  harness::EventLoop loop;
  boost::asio::thread_pool pool(2);
  std::atomic<int> calls = 0;
  for (int round = 0; round < 300; ++round) {
    TaskGroup tasks(loop.executor(), "callers", [](std::string_view, std::exception_ptr) {});
    for (int i = 0; i < 10; ++i) tasks.spawn("caller", call(pool.get_executor(), calls));
    tasks.stop();
    loop.run(tasks.join());
  }
  EXPECT_EQ(calls, 3000);
  pool.join();
}

}  // namespace
}  // namespace auterity::data
