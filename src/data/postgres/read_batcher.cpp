#include "data/postgres/read_batcher.h"

#include <algorithm>
#include <array>
#include <limits>

namespace auterity::data {
namespace {

constexpr std::size_t kMostPassengers = 32;

}  // namespace

// What is under way on one connection.
struct ReadBatcher::Batch {
  Connection* connection;
  std::size_t wanted;  // by how many callers
};

// A read that waits, or is under way.
struct ReadBatcher::Passenger {
  Passenger(const Executor& executor, Query q) : query(std::move(q)), done(executor) {}
  void finish(Result<RowsPtr> result) {
    outcome = std::move(result);
    done.complete();
  }
  Query query;
  Completion done;
  // Stands when a carrier ended by an exception.
  Result<RowsPtr> outcome = fail(ErrorKind::internal, "a batch of reads broke off",
                                 "report it with the log lines around it");
  bool left = false;             // its caller is gone
  std::shared_ptr<Batch> batch;  // set while under way
  bool repeated = false;         // the connection of the first attempt broke
};

ReadBatcher::ReadBatcher(Executor executor, Log& log, Pool& pool)
    : executor_(executor),
      pool_(pool),
      carriers_(executor, "database reads", [&log](std::string_view task, std::exception_ptr) {
        log.error("database", "a batch of reads ended by an exception",
                  {{"task", Json(boost::json::string_view(task))}});
      }) {}

Async<Result<RowsPtr>> ReadBatcher::read(Query query) {
  // Here, since in a batch it would be every passenger's failure.
  AUTERITY_CO_CHECK(Connection::check(query));
  const std::array<Query, 1> batch{std::move(query)};
  bool repeated = false;
  auto lease = pool_.try_acquire();
  if (!lease && pool_.can_grow()) {
    auto fresh = co_await pool_.acquire();
    if (!fresh) co_return std::unexpected(std::move(fresh).error());
    lease = std::move(*fresh);
  }
  if (lease) {
    auto rows = (co_await lease->run(batch)).whole();
    if (rows) co_return std::move(rows->front());
    const bool lost = (*lease)->lost() && rows.error().kind == ErrorKind::unavailable;
    if (!lost && !(*lease)->stale()) co_return std::unexpected(std::move(rows).error());
    repeated = true;
    lease.reset();
  }
  co_return co_await wait_for_carrier(batch.front(), repeated);
}

Async<Result<RowsPtr>> ReadBatcher::wait_for_carrier(Query query, bool repeated) {
  const auto passenger = std::make_shared<Passenger>(executor_, std::move(query));
  passenger->repeated = repeated;
  waiting_.push_back(passenger);
  call_carrier();
  // Out of the queue however this ends, also by cancellation.
  const auto leaving = [this](Passenger* gone) { leave(*gone); };
  const std::unique_ptr<Passenger, decltype(leaving)> place(passenger.get(), leaving);
  co_await passenger->done.wait();
  co_return std::move(passenger->outcome);
}

void ReadBatcher::leave(Passenger& passenger) {
  std::erase_if(waiting_, [&](const auto& queued) { return queued.get() == &passenger; });
  passenger.left = true;
  const auto batch = std::move(passenger.batch);
  if (batch && --batch->wanted == 0) batch->connection->give_up();
}

void ReadBatcher::call_carrier() {
  if (carrier_called_ || waiting_.empty()) return;
  carrier_called_ = true;  // before: the carrier may get its connection within spawn()
  carriers_.spawn("carry", carry());
}

std::vector<ReadBatcher::PassengerPtr> ReadBatcher::board(std::size_t limit) {
  const auto count = static_cast<std::ptrdiff_t>(std::min(limit, waiting_.size()));
  std::vector<PassengerPtr> passengers(waiting_.begin(), waiting_.begin() + count);
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  return passengers;
}

Async<void> ReadBatcher::carry() {
  auto lease = co_await pool_.acquire();
  carrier_called_ = false;
  const auto passengers = board(lease ? kMostPassengers : std::numeric_limits<std::size_t>::max());
  call_carrier();
  // Nobody is left waiting for an answer that cannot come any more.
  const auto wake_all = [](const std::vector<PassengerPtr>* all) {
    for (const auto& passenger : *all) {
      passenger->batch.reset();
      passenger->done.complete();
    }
  };
  std::unique_ptr<const std::vector<PassengerPtr>, decltype(wake_all)> awake(&passengers, wake_all);
  if (!lease) {
    for (const auto& passenger : passengers) passenger->finish(std::unexpected(lease.error()));
    co_return;
  }
  if (passengers.empty()) co_return;
  const auto batch = std::make_shared<Batch>(&**lease, passengers.size());
  std::vector<Query> queries;
  queries.reserve(passengers.size());
  for (const auto& passenger : passengers) {
    passenger->batch = batch;
    queries.push_back(passenger->query);
  }
  auto outcome = co_await lease->run(queries);
  for (const auto& passenger : passengers) passenger->batch.reset();
  awake.release();
  deliver(passengers, std::move(outcome), **lease);
  call_carrier();
}

void ReadBatcher::deliver(const std::vector<PassengerPtr>& passengers, BatchOutcome outcome,
                          const Connection& connection) {
  const auto answered = outcome.rows.size();
  for (std::size_t i = 0; i < answered; ++i) passengers[i]->finish(std::move(outcome.rows[i]));
  if (!outcome.error || answered == passengers.size()) return;
  const bool broke = connection.lost() || connection.stale();
  const bool own_failure = !broke || outcome.error->kind == ErrorKind::timeout;
  std::vector<PassengerPtr> again;
  for (std::size_t i = answered; i < passengers.size(); ++i) {
    const auto& passenger = passengers[i];
    if (passenger->left) continue;
    const bool failed_itself = i == answered && own_failure;
    if (failed_itself || (broke && passenger->repeated)) {
      passenger->finish(std::unexpected(*outcome.error));
    } else {
      passenger->repeated = passenger->repeated || broke;
      again.push_back(passenger);
    }
  }
  waiting_.insert(waiting_.begin(), again.begin(), again.end());
}

}  // namespace auterity::data
