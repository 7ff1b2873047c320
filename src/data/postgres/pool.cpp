#include "data/postgres/pool.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "core/deadline.h"

namespace auterity::data {
namespace {

// What the client allows beyond statement_timeout before it takes the server for hung.
constexpr Duration kGrace = std::chrono::seconds(5);
constexpr Duration kFirstBackOff = std::chrono::milliseconds(50);
constexpr Duration kLongestBackOff = std::chrono::seconds(2);

std::string describe(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

Error closing() {
  return Error{ErrorKind::unavailable, "the database client is closing",
               "the process is shutting down; send the request to another one"};
}

}  // namespace

// A caller in the queue, and what it got. A caller that leaves early drops its lease, and with that
// gives the connection back.
struct Pool::Waiter {
  explicit Waiter(const Executor& executor) : done(executor) {}
  Completion done;
  Result<Lease> outcome;
};

Lease& Lease::operator=(Lease&& other) noexcept {
  Lease old(std::move(*this));
  pool_ = other.pool_;
  connection_ = std::move(other.connection_);
  return *this;
}

Lease::~Lease() {
  if (connection_) pool_->give_back(std::move(connection_));
}

Async<BatchOutcome> Lease::run(std::span<const Query> batch) {
  connection_->set_deadline(pool_->clock_.monotonic() + pool_->options_.statement_timeout + kGrace);
  auto outcome = co_await connection_->run(batch);
  connection_->set_deadline(std::nullopt);
  co_return outcome;
}

Pool::Pool(Executor executor, Clock& clock, Log& log, DatabaseOptions options)
    : executor_(executor),
      clock_(clock),
      log_(log),
      options_(std::move(options)),
      parameters_(ConnectParameters::from(options_)),
      back_off_(kFirstBackOff, kLongestBackOff),
      all_returned_(executor),
      background_(executor, "database", [this](std::string_view task, std::exception_ptr error) {
        log_.error("database", "a background task ended by an exception",
                   {{"task", Json(boost::json::string_view(task))},
                    {"exception", Json(boost::json::string_view(describe(error)))}});
      }) {}

Lease Pool::lend(std::unique_ptr<Connection> connection) {
  busy_.push_back(connection.get());
  if (!std::exchange(watching_, true)) background_.spawn("watch", watch());
  return Lease(*this, std::move(connection));
}

std::optional<Lease> Pool::try_acquire() {
  // Callers that queue go first.
  if (closed_ || !waiters_.empty()) return std::nullopt;
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection->alive()) return lend(std::move(connection));
  }
  return std::nullopt;
}

Async<Result<Lease>> Pool::acquire() {
  if (auto ready = try_acquire()) co_return std::move(*ready);
  if (closed_) co_return std::unexpected(closing());
  if (!parameters_) co_return std::unexpected(parameters_.error());
  if (away_since_ && clock_.monotonic() - *away_since_ > options_.acquire_timeout)
    co_return std::unexpected(no_connection());
  auto waiter = std::make_shared<Waiter>(executor_);
  waiters_.push_back(waiter);
  connect_for_waiters();
  // Out of the queue however this ends, also by cancellation.
  const auto leave = [this](Waiter* leaving) {
    std::erase_if(waiters_, [&](const auto& queued) { return queued.get() == leaving; });
  };
  const std::unique_ptr<Waiter, decltype(leave)> place(waiter.get(), leave);
  auto lease = co_await with_deadline(clock_, options_.acquire_timeout,
                                      "waiting for a database connection", wait_for_turn(waiter));
  if (!lease && lease.error().kind == ErrorKind::timeout)
    co_return std::unexpected(no_connection());
  co_return lease;
}

bool Pool::can_grow() const {
  return busy_.size() + idle_.size() + std::max(connecting_, waiters_.size()) <
         options_.max_connections;
}

Async<Result<Lease>> Pool::wait_for_turn(std::shared_ptr<Waiter> waiter) {
  co_await waiter->done.wait();
  co_return std::move(waiter->outcome);
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
  std::erase(busy_, connection.get());
  if (!closed_ && connection->reusable()) {
    hand_over(std::move(connection));
  } else {
    connection.reset();
    if (!closed_) connect_for_waiters();
  }
  if (closed_ && busy_.empty()) all_returned_.complete();
}

void Pool::hand_over(std::unique_ptr<Connection> connection) {
  if (closed_) return;
  if (waiters_.empty()) {
    idle_.push_back(std::move(connection));
    return;
  }
  const auto waiter = std::move(waiters_.front());
  waiters_.pop_front();
  waiter->outcome = lend(std::move(connection));
  waiter->done.complete();
}

void Pool::connect_for_waiters() {
  while (connecting_ < waiters_.size() &&
         busy_.size() + idle_.size() + connecting_ < options_.max_connections) {
    ++connecting_;
    if (!background_.spawn("connect", keep_connecting())) {
      --connecting_;
      return;
    }
  }
}

Async<Result<std::unique_ptr<Connection>>> Pool::connect() {
  if (!parameters_) co_return std::unexpected(parameters_.error());
  co_return co_await with_deadline(clock_, options_.connect_timeout, "connecting to the database",
                                   Connection::open(executor_, log_, *parameters_));
}

// Makes one connection. Of several that fail at once, one stays to try again.
Async<void> Pool::keep_connecting() {
  const auto done = [this](Pool*) { --connecting_; };
  const std::unique_ptr<Pool, decltype(done)> counted(this, done);
  while (!closed_) {
    auto connection = co_await connect();
    if (connection) {
      connecting_succeeded();
      hand_over(std::move(*connection));
      co_return;
    }
    const auto wait = connecting_failed(connection.error());
    if (connecting_ > 1) co_return;
    co_await clock_.sleep(wait);
  }
}

Duration Pool::connecting_failed(const Error& error) {
  if (!away_since_) away_since_ = clock_.monotonic();
  const bool news = !last_error_ || last_error_->message != error.message;
  last_error_ = error;
  if (news)
    log_.warning("database", error.message, {{"failed_attempts", back_off_.failures() + 1}});
  return back_off_.next();
}

void Pool::connecting_succeeded() {
  if (away_since_)
    log_.info("database", "connected again", {{"failed_attempts", back_off_.failures()}});
  back_off_.reset();
  away_since_.reset();
  last_error_.reset();
}

Async<void> Pool::watch() {
  const auto done = [this](Pool*) { watching_ = false; };
  const std::unique_ptr<Pool, decltype(done)> watching(this, done);
  while (!busy_.empty()) {
    const auto now = clock_.monotonic();
    // What starts later ends later, all batches being given the same time.
    auto next = now + options_.statement_timeout + kGrace;
    for (auto* connection : busy_) {
      if (!connection->deadline()) continue;
      if (*connection->deadline() <= now)
        connection->give_up();
      else
        next = std::min(next, *connection->deadline());
    }
    co_await clock_.sleep(next - now);
  }
}

Error Pool::no_connection() const {
  if (last_error_) return *last_error_;
  return Error{ErrorKind::unavailable,
               fmt::format("no database connection became free within {}: all {} are in use",
                           options_.acquire_timeout, options_.max_connections),
               "try again; if it stays so, raise the number of connections or look for slow "
               "statements in pg_stat_activity"};
}

Database::PoolState Pool::state() const {
  return {busy_.size() + idle_.size(), busy_.size(), waiters_.size(), options_.max_connections};
}

Async<void> Pool::close() {
  closed_ = true;
  idle_.clear();
  for (const auto& waiter : std::exchange(waiters_, {})) {
    waiter->outcome = std::unexpected(closing());
    waiter->done.complete();
  }
  if (!busy_.empty()) co_await all_returned_.wait();
  background_.stop();
  co_await background_.join();
}

}  // namespace auterity::data
