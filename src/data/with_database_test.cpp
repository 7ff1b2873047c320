#include "data/with_database.h"

#include <gtest/gtest.h>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>

namespace auterity::data {
namespace {

namespace asio = boost::asio;

// Notes that it was closed before it went; it answers nothing.
class ClosedDatabase final : public Database {
 public:
  explicit ClosedDatabase(std::string& fate) : fate_(fate) { fate_ = "open"; }
  ~ClosedDatabase() override { fate_ += ", gone"; }

  Async<Result<RowsPtr>> query(Query) override { co_return nobody(); }
  Async<Result<RowsPtr>> read(Query) override { co_return nobody(); }
  Async<Result<std::vector<RowsPtr>>> transact(std::vector<Query>) override { co_return nobody(); }
  Async<Status> with_transaction(std::function<Async<Status>(Session&)>) override {
    co_return nobody();
  }
  Async<Result<std::unique_ptr<Session>>> open_session() override { co_return nobody(); }
  PoolState pool() const override { return {}; }
  Async<void> close() override {
    co_await asio::post(asio::use_awaitable);
    fate_ = "closed";
  }

 private:
  static std::unexpected<Error> nobody() { return fail(ErrorKind::unavailable, "nobody is there"); }

  std::string& fate_;
};

class WithDatabase : public testing::Test {
 protected:
  // How the work ended: "answered", or "aborted" after a cancellation.
  std::string run(Async<void> work, bool cancelled = false) {
    std::string end;
    asio::co_spawn(loop_, std::move(work),
                   asio::bind_cancellation_slot(signal_.slot(), [&](std::exception_ptr thrown) {
                     end = thrown ? "aborted" : "answered";
                   }));
    if (cancelled) asio::post(loop_, [&] { signal_.emit(asio::cancellation_type::terminal); });
    loop_.run();
    return end;
  }

  std::string fate_;
  asio::io_context loop_;
  asio::cancellation_signal signal_;
};

TEST_F(WithDatabase, AnswersWhatTheWorkAnsweredAndClosesBeforeItGoes) {
  Result<int> answer = 0;
  const auto work = [&]() -> Async<void> {
    answer = co_await with_database(std::make_unique<ClosedDatabase>(fate_),
                                    [](Database&) -> Async<Result<int>> { co_return 7; });
  };
  EXPECT_EQ(run(work()), "answered");
  EXPECT_EQ(answer, 7);
  EXPECT_EQ(fate_, "closed, gone");
}

TEST_F(WithDatabase, AnErrorOfTheWorkIsTheAnswer) {
  Status answer;
  const auto work = [&]() -> Async<void> {
    answer = co_await with_database(
        std::make_unique<ClosedDatabase>(fate_), [](Database& database) -> Async<Status> {
          AUTERITY_CO_CHECK(co_await database.read({{"test", "SELECT 1"}, {}}));
          co_return Status{};
        });
  };
  EXPECT_EQ(run(work()), "answered");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "nobody is there");
  EXPECT_EQ(fate_, "closed, gone");
}

TEST_F(WithDatabase, WhoeverCancelsTheWorkLeavesNoDatabaseOpen) {
  const auto work = [&]() -> Async<void> {
    co_await with_database(std::make_unique<ClosedDatabase>(fate_),
                           [this](Database&) -> Async<Status> {
                             asio::steady_timer never(loop_, asio::steady_timer::time_point::max());
                             co_await never.async_wait(asio::use_awaitable);
                             co_return Status{};
                           });
  };
  EXPECT_EQ(run(work(), true), "aborted");
  EXPECT_EQ(fate_, "closed, gone");
}

}  // namespace
}  // namespace auterity::data
