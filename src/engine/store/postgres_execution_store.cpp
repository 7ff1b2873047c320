#include "engine/store/postgres_execution_store.h"

#include <utility>

#include "engine/store/checkpoint_rules.h"

namespace auterity::engine {

PostgresExecutionStore::PostgresExecutionStore(Executor executor, data::Database& database,
                                               data::ObjectStore& objects, Clock& clock, Log& log,
                                               Metrics& metrics, ExecutionStoreOptions options)
    : clock_(clock),
      options_(options),
      payloads_(objects),
      partitions_(executor, database, objects, clock, log, options.partitions),
      writer_(executor, database, clock, log, metrics, options.writer),
      claims_(database, payloads_, clock),
      reads_(database, payloads_) {}

Async<void> PostgresExecutionStore::close() { return writer_.idle(); }

template <typename AnyWrite>
Async<Status> PostgresExecutionStore::keep_payloads(AnyWrite& write) {
  std::vector<std::string*> texts;
  for_each_payload(write, [&](std::string& text) { texts.push_back(&text); });
  for (std::string* text : texts) {
    if (is_inline(*text)) continue;
    AUTERITY_CO_TRY(stored, co_await payloads_.keep(write.id, std::move(*text)));
    *text = std::move(stored);
  }
  co_return Status();
}

Async<Result<Created>> PostgresExecutionStore::create(const NewExecution& execution,
                                                      const std::optional<Checkpoint>& first,
                                                      std::string owner,
                                                      std::optional<Duration> lease) {
  const Time born = time_of(execution.id);
  AUTERITY_CO_TRY(write, create_write(execution, first, std::move(owner), lease, clock_.now(),
                                      options_.idempotency_window));
  AUTERITY_CO_CHECK(co_await keep_payloads(write));
  if (!partitions_.covers(born)) AUTERITY_CO_CHECK(co_await partitions_.ensure(born));
  const std::int64_t term = write.wake == WakeReason::lease ? write.term : 0;
  AUTERITY_CO_TRY(written, co_await writer_.write(std::move(write)));
  co_return Created{
      .id = written.id, .existing = written.existing, .term = written.existing ? 0 : term};
}

Async<Status> PostgresExecutionStore::save(const Checkpoint& checkpoint) {
  AUTERITY_CO_TRY(write, save_write(checkpoint, clock_.now(), options_.lease));
  AUTERITY_CO_CHECK(co_await keep_payloads(write));
  AUTERITY_CO_CHECK(co_await writer_.write(std::move(write)));
  co_return Status();
}

Async<Result<std::vector<ClaimedExecution>>> PostgresExecutionStore::claim(std::string owner,
                                                                           std::size_t limit,
                                                                           Duration lease) {
  return claims_.claim(std::move(owner), limit, lease);
}

Async<Result<std::optional<ClaimedExecution>>> PostgresExecutionStore::claim_one(Uuid id,
                                                                                 std::string owner,
                                                                                 Duration lease) {
  return claims_.claim_one(id, std::move(owner), lease);
}

Async<Result<std::vector<ExecutionStore::Renewal>>> PostgresExecutionStore::renew(
    std::vector<Lease> leases, Duration lease) {
  return claims_.renew(std::move(leases), lease);
}

Async<Status> PostgresExecutionStore::release(std::vector<Lease> leases) {
  return claims_.release(std::move(leases));
}

Async<Result<std::optional<Time>>> PostgresExecutionStore::next_due() { return claims_.next_due(); }

Async<Status> PostgresExecutionStore::request(Uuid id, ControlAction action) {
  return claims_.request(id, action);
}

Async<Status> PostgresExecutionStore::restart(Uuid id, std::int64_t seq, std::string state,
                                              std::vector<HistoryEvent> events) {
  return claims_.restart(id, seq, std::move(state), std::move(events));
}

Async<Result<ExecutionView>> PostgresExecutionStore::find(Uuid id) { return reads_.find(id); }

Async<Result<std::vector<ExecutionView>>> PostgresExecutionStore::list(ExecutionFilter filter) {
  return reads_.list(filter);
}

Async<Result<std::vector<HistoryEvent>>> PostgresExecutionStore::history(Uuid id,
                                                                         std::int64_t after,
                                                                         std::size_t limit) {
  return reads_.history(id, after, limit);
}

Async<Result<ClaimedExecution>> PostgresExecutionStore::inspect(Uuid id) {
  return reads_.inspect(id);
}

}  // namespace auterity::engine
