#include "harness/faulty_store.h"

#include <optional>

namespace auterity::harness {

using namespace engine;

namespace {

template <typename Answer>
struct Parcel {
  explicit Parcel(Executor executor) : arrived(std::move(executor)) {}
  std::optional<Answer> answer;
  Signal arrived;
};

// Carries a request out at the store, whether or not its sender still lives.
template <typename Answer>
Async<void> deliver(StoreLine& line, Duration there, std::function<Async<Answer>()> operation,
                    std::shared_ptr<Parcel<Answer>> parcel) {
  co_await line.clock.sleep(there);
  if (line.away)
    parcel->answer = fail(ErrorKind::unavailable, "the store is away");
  else
    parcel->answer = co_await operation();
  parcel->arrived.notify();
}

std::unexpected<Error> no_answer() { return fail(ErrorKind::unavailable, "no answer came"); }

// The operations at the store, as coroutines of their own: they outlive the connection.

Async<Result<Created>> create_at(StoreLine& line, NewExecution execution,
                                 std::optional<Checkpoint> first, std::string owner,
                                 std::optional<Duration> lease) {
  if (line.sabotage == Sabotage::forget_start)
    co_return Created{.id = execution.id, .existing = false, .term = lease ? 1 : 0};
  auto created = co_await line.store.create(execution, first, owner, lease);
  if (created) line.checker.created(owner, execution, first, *created);
  co_return created;
}

Async<Status> save_at(StoreLine& line, std::string owner, Checkpoint checkpoint) {
  if (line.sabotage == Sabotage::ignore_term) {
    const auto current = co_await line.store.inspect(checkpoint.id);
    if (current && current->term != checkpoint.term) {
      checkpoint.term = current->term;
      checkpoint.seq = current->seq + 1;
    }
  }
  Status saved = co_await line.store.save(checkpoint);
  if (!saved) co_return saved;
  line.checker.saved(owner, checkpoint);
  if (line.sabotage == Sabotage::save_twice) {
    ++checkpoint.seq;
    if (co_await line.store.save(checkpoint)) line.checker.saved(owner, checkpoint);
  }
  co_return saved;
}

Async<Status> request_at(StoreLine& line, Uuid id, ControlAction action) {
  if (line.sabotage == Sabotage::forget_resume && action == ControlAction::resume)
    co_return Status{};
  co_return co_await line.store.request(id, action);
}

Async<Result<std::vector<ClaimedExecution>>> claim_at(StoreLine& line, std::string owner,
                                                      std::size_t limit, Duration lease) {
  auto claimed = co_await line.store.claim(owner, limit, lease);
  if (claimed)
    for (const ClaimedExecution& each : *claimed) line.checker.claimed(owner, each);
  co_return claimed;
}

Async<Result<std::optional<ClaimedExecution>>> claim_one_at(StoreLine& line, Uuid id,
                                                            std::string owner, Duration lease) {
  auto claimed = co_await line.store.claim_one(id, owner, lease);
  if (claimed && *claimed) line.checker.claimed(owner, **claimed);
  co_return claimed;
}

Async<Status> restart_at(StoreLine& line, Uuid id, std::int64_t seq, std::string state,
                         std::vector<HistoryEvent> events) {
  Status restarted = co_await line.store.restart(id, seq, std::move(state), events);
  if (restarted) line.checker.restarted(id, events);
  co_return restarted;
}

}  // namespace

template <typename Answer>
Async<Answer> FaultyStore::carry(Operation<Answer> operation) {
  const Journey journey = line_.faults.to_store();
  if (cut_ || journey.lost) {
    co_await line_.clock.sleep(journey.there);
    co_return no_answer();
  }
  auto parcel = std::make_shared<Parcel<Answer>>(executor_);
  line_.deliveries.spawn("store", deliver(line_, journey.there, std::move(operation), parcel));
  while (!parcel->answer) co_await parcel->arrived.wait();
  co_await line_.clock.sleep(journey.back);
  if (cut_ || journey.unanswered) co_return no_answer();
  co_return std::move(*parcel->answer);
}

Async<Result<Created>> FaultyStore::create(const NewExecution& execution,
                                           const std::optional<Checkpoint>& first, std::string,
                                           std::optional<Duration> lease) {
  return carry<Result<Created>>([&line = line_, owner = owner_, execution, first, lease] {
    return create_at(line, execution, first, owner, lease);
  });
}
Async<Status> FaultyStore::save(const Checkpoint& checkpoint) {
  return carry<Status>(
      [&line = line_, owner = owner_, checkpoint] { return save_at(line, owner, checkpoint); });
}
Async<Result<std::vector<ClaimedExecution>>> FaultyStore::claim(std::string, std::size_t limit,
                                                                Duration lease) {
  return carry<Result<std::vector<ClaimedExecution>>>(
      [&line = line_, owner = owner_, limit, lease] {
        return claim_at(line, owner, limit, lease);
      });
}
Async<Result<std::optional<ClaimedExecution>>> FaultyStore::claim_one(Uuid id, std::string,
                                                                      Duration lease) {
  return carry<Result<std::optional<ClaimedExecution>>>(
      [&line = line_, owner = owner_, id, lease] { return claim_one_at(line, id, owner, lease); });
}
Async<Result<std::vector<ExecutionStore::Renewal>>> FaultyStore::renew(std::vector<Lease> leases,
                                                                       Duration lease) {
  return carry<Result<std::vector<Renewal>>>([&line = line_, leases = std::move(leases), lease] {
    return line.store.renew(leases, lease);
  });
}
Async<Status> FaultyStore::release(std::vector<Lease> leases) {
  return carry<Status>(
      [&line = line_, leases = std::move(leases)] { return line.store.release(leases); });
}
Async<Result<std::optional<Time>>> FaultyStore::next_due() {
  return carry<Result<std::optional<Time>>>([&line = line_] { return line.store.next_due(); });
}
Async<Status> FaultyStore::request(Uuid id, ControlAction action) {
  return carry<Status>([&line = line_, id, action] { return request_at(line, id, action); });
}
Async<Status> FaultyStore::restart(Uuid id, std::int64_t seq, std::string state,
                                   std::vector<HistoryEvent> events) {
  return carry<Status>(
      [&line = line_, id, seq, state = std::move(state), events = std::move(events)] {
        return restart_at(line, id, seq, state, events);
      });
}
Async<Result<ExecutionView>> FaultyStore::find(Uuid id) {
  return carry<Result<ExecutionView>>([&line = line_, id] { return line.store.find(id); });
}
Async<Result<std::vector<ExecutionView>>> FaultyStore::list(ExecutionFilter filter) {
  return carry<Result<std::vector<ExecutionView>>>(
      [&line = line_, filter] { return line.store.list(filter); });
}
Async<Result<std::vector<HistoryEvent>>> FaultyStore::history(Uuid id, std::int64_t after,
                                                              std::size_t limit) {
  return carry<Result<std::vector<HistoryEvent>>>(
      [&line = line_, id, after, limit] { return line.store.history(id, after, limit); });
}
Async<Result<ClaimedExecution>> FaultyStore::inspect(Uuid id) {
  return carry<Result<ClaimedExecution>>([&line = line_, id] { return line.store.inspect(id); });
}

}  // namespace auterity::harness
