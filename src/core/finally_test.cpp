#include "core/finally.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>

namespace auterity {
namespace {

namespace asio = boost::asio;

// A coroutine on a loop of its own, which can be cancelled, and what it did.
class Life {
 public:
  using Steps = std::vector<std::string>;

  void run(Async<void> work) {
    asio::co_spawn(
        io_, std::move(work),
        asio::bind_cancellation_slot(signal_.slot(), [this](std::exception_ptr thrown) {
          try {
            if (thrown) std::rethrow_exception(thrown);
            steps.push_back("ended");
          } catch (const boost::system::system_error& error) {
            steps.push_back(error.code() == asio::error::operation_aborted ? "aborted" : "failed");
          }
        }));
    io_.run();
  }
  void cancel() { signal_.emit(asio::cancellation_type::terminal); }
  // Lets the loop go round once.
  Async<void> breathe() { co_await asio::post(io_, asio::use_awaitable); }
  // Until it is cancelled.
  Async<void> wait_for_ever() {
    asio::steady_timer timer(io_, asio::steady_timer::time_point::max());
    co_await timer.async_wait(asio::use_awaitable);
  }

  Async<Status> work(std::string name) {
    co_await breathe();
    steps.push_back(std::move(name));
    co_return Status{};
  }
  Async<void> tidy_up(bool cancelled_meanwhile = false) {
    if (cancelled_meanwhile) cancel();
    co_await breathe();
    steps.push_back("tidied up");
  }

  Steps steps;

 private:
  asio::io_context io_;
  asio::cancellation_signal signal_;
};

Async<void> twice_in_a_row(Life& life) {
  co_await finally(life.work("worked"), life.tidy_up());
  life.cancel();
  co_await life.breathe();
  life.steps.push_back("went on");
}

TEST(Finally, LeavesCancellationAsItWas) {
  Life life;
  life.run(twice_in_a_row(life));
  EXPECT_EQ(life.steps, (Life::Steps{"worked", "tidied up", "aborted"}));
}

Async<Status> waits(Life& life) {
  co_await life.wait_for_ever();
  co_return Status{};
}

Async<void> cancelled_at_work(Life& life) {
  asio::post(co_await asio::this_coro::executor, [&life] { life.cancel(); });
  bool thrown = false;
  try {
    co_await finally(waits(life), life.tidy_up());
  } catch (const boost::system::system_error&) {
    thrown = true;
  }
  const auto state = co_await asio::this_coro::cancellation_state;
  const bool known = state.cancelled() != asio::cancellation_type::none;
  life.steps.push_back(thrown && known ? "known" : "unknown");
  co_await life.breathe();
  life.steps.push_back("went on");
}

TEST(Finally, TidiesUpAfterACancellationWhichIsStillKnown) {
  Life life;
  life.run(cancelled_at_work(life));
  EXPECT_EQ(life.steps, (Life::Steps{"tidied up", "known", "aborted"}));
}

Async<void> cancelled_while_tidying(Life& life) {
  co_await finally(life.work("worked"), life.tidy_up(true));
  life.steps.push_back("answered");
  co_await life.breathe();
  life.steps.push_back("went on");
}

TEST(Finally, ACancellationWhileItTidiesUpCountsAfterwards) {
  Life life;
  life.run(cancelled_while_tidying(life));
  EXPECT_EQ(life.steps, (Life::Steps{"worked", "tidied up", "answered", "aborted"}));
}

Async<Status> fails() { co_return fail(ErrorKind::conflict, "no"); }

Async<void> failed_work(Life& life) {
  const Status outcome = co_await finally(fails(), life.tidy_up());
  life.steps.push_back(outcome.error().message);
}

TEST(Finally, AnswersTheWorksError) {
  Life life;
  life.run(failed_work(life));
  EXPECT_EQ(life.steps, (Life::Steps{"tidied up", "no", "ended"}));
}

}  // namespace
}  // namespace auterity
