#include "engine/store/partitions.h"

#include <fmt/format.h>

#include <charconv>
#include <exception>
#include <optional>

#include "data/back_off.h"
#include "data/object_hold.h"
#include "engine/executor/signal.h"
#include "engine/store/payloads.h"

namespace auterity::engine {
namespace {

using data::Session;
using data::Statement;

constexpr Statement kList{
    "partitions.list",
    "SELECT pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = "
    "i.inhrelid WHERE i.inhparent = 'workflow_executions'::regclass"};
// One process at a time changes partitions; released with the transaction.
constexpr Statement kLock{"partitions.lock",
                          "SELECT pg_advisory_xact_lock(hashtext('auterity.partitions'))"};
constexpr Statement kRemoveKeys{
    "partitions.remove_expired_keys",
    "DELETE FROM execution_keys WHERE (workflow_id, kind, key) IN (SELECT workflow_id, kind, key "
    "FROM execution_keys WHERE expires_at < $1::timestamptz ORDER BY expires_at LIMIT 5000)"};

constexpr Statement kCountUnfinished{
    "partitions.count_unfinished",
    "SELECT count(*) FROM workflow_executions WHERE id >= $1::uuid AND id < $2::uuid "
    "AND status <> 'completed' AND status IN ('pending', 'running', 'waiting', 'suspended')"};

// Free space in each page keeps updates of a row beside it (HOT); dead rows of a busy queue go
// early.
constexpr std::string_view kExecutionStorage =
    "fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 10000,"
    " autovacuum_analyze_scale_factor = 0.05";
constexpr std::string_view kHistoryStorage =
    "fillfactor = 100, autovacuum_analyze_scale_factor = 0.1";

// A full disk does not pass in seconds.
bool is_worth_repeating(ErrorKind kind) {
  return facts(kind).retryable && kind != ErrorKind::storage_full;
}

std::string create_script(std::string_view table, std::string_view storage,
                          const Partition& partition) {
  const std::string name = fmt::format("{}_{}", table, partition_suffix(partition));
  // Attaching a table that stands already locks the parent against other such changes only, while
  // CREATE … PARTITION OF locks out readers.
  return fmt::format(
      "CREATE TABLE {0} (LIKE {1} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE "
      "INCLUDING COMPRESSION) WITH ({2});\n"
      "ALTER TABLE {1} ATTACH PARTITION {0} FOR VALUES FROM ('{3}') TO ('{4}');\n",
      name, table, storage, smallest_id(partition.from), smallest_id(partition.to));
}

std::vector<Partition> partitions_of(const data::Rows& rows) {
  std::vector<Partition> partitions;
  for (std::size_t row = 0; row < rows.size(); ++row)
    if (auto partition = parse_partition_bound(rows.text(row, 0))) partitions.push_back(*partition);
  return partitions;
}

std::int64_t to_number(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Async<Status> create_under_lock(Session& session, Time from, Time to, int width_days,
                                std::vector<Partition>& known, std::vector<std::string>& created) {
  AUTERITY_CO_CHECK(co_await session.query({kLock, {}}));
  AUTERITY_CO_TRY(rows, co_await session.query({kList, {}}));
  known = partitions_of(*rows);
  for (const Partition& partition : missing_partitions(known, from, to, width_days)) {
    AUTERITY_CO_CHECK(co_await session.execute_script(
        create_script("workflow_executions", kExecutionStorage, partition) +
        create_script("execution_history", kHistoryStorage, partition)));
    known.push_back(partition);
    created.push_back(partition_suffix(partition));
  }
  co_return Status();
}

// Counts the executions of it that have not ended; drops it when there are none.
Async<Status> drop_under_lock(Session& session, Partition partition, std::int64_t& unfinished) {
  const std::string suffix = partition_suffix(partition);
  AUTERITY_CO_CHECK(co_await session.query({kLock, {}}));
  // A reader that holds the table for long is not made to queue others behind us: the next run
  // tries again.
  AUTERITY_CO_CHECK(co_await session.execute_script(fmt::format(
      "SET LOCAL lock_timeout = '2s'; LOCK TABLE workflow_executions_{} IN EXCLUSIVE MODE",
      suffix)));
  AUTERITY_CO_TRY(
      rows, co_await session.query(
                {kCountUnfinished, {smallest_id(partition.from), smallest_id(partition.to)}}));
  unfinished = to_number(rows->text(0, 0));
  if (unfinished > 0) co_return Status();
  co_return co_await session.execute_script(
      fmt::format("DROP TABLE workflow_executions_{0}; DROP TABLE execution_history_{0}", suffix));
}

}  // namespace

// What one caller of ensure() finds out for all who come meanwhile.
struct Partitions::Flight {
  explicit Flight(const Executor& executor) : ended(executor) {}
  Signal ended;
  std::optional<Status> outcome;  // none when its caller was cancelled
};

Async<Status> Partitions::load() {
  AUTERITY_CO_TRY(rows, co_await database_.read({kList, {}}));
  known_ = partitions_of(*rows);
  co_return Status();
}

Async<Status> Partitions::ensure(Time time) {
  while (!covers(time)) {
    if (const auto other = flight_) {
      co_await other->ended.wait();
      if (other->outcome && !*other->outcome) co_return *other->outcome;
      continue;  // it was cancelled, or asked for another time: look again
    }
    const auto flight = flight_ = std::make_shared<Flight>(executor_);
    std::exception_ptr cancelled;
    try {
      flight->outcome = co_await make_room_patiently(time);
    } catch (...) {
      cancelled = std::current_exception();
    }
    flight_.reset();
    flight->ended.notify();
    if (cancelled) std::rethrow_exception(cancelled);
    co_return *flight->outcome;
  }
  co_return Status();
}

// Looks before it makes anything, so that a repetition after an unknown outcome does no harm.
Async<Status> Partitions::make_room_patiently(Time time) {
  const Duration give_up_at = clock_.monotonic() + options_.retry_for;
  data::BackOff back_off(std::chrono::milliseconds(20), std::chrono::seconds(1));
  for (;;) {
    Status made = co_await make_room(time);
    const Duration pause = back_off.next();
    if (made || !is_worth_repeating(made.error().kind) || clock_.monotonic() + pause >= give_up_at)
      co_return made;
    log_.warning("store", "partitions are asked for again",
                 {{"reason", Json(made.error().message)}});
    co_await clock_.sleep(pause);
  }
}

Async<Status> Partitions::make_room(Time time) {
  AUTERITY_CO_CHECK(co_await load());
  if (covers(time)) co_return Status();
  std::vector<std::string> created;
  co_return co_await create_missing(time, time + options_.ahead, created);
}

Async<Status> Partitions::create_missing(Time from, Time to, std::vector<std::string>& created) {
  std::vector<Partition> known;
  // Named, since the coroutine that it returns reads its captures.
  auto work = [&](Session& session) {
    return create_under_lock(session, from, to, options_.width_days, known, created);
  };
  AUTERITY_CO_CHECK(co_await database_.with_transaction(work));
  known_ = std::move(known);
  co_return Status();
}

Async<Status> Partitions::drop_expired(PartitionReport& report) {
  for (const Partition& partition : expired_partitions(known_, clock_.now(), options_.keep)) {
    Status dropped = co_await drop(partition, report);
    if (!dropped)
      log_.warning("store", "a partition past retention could not be dropped; trying again later",
                   {{"partition", Json(partition_suffix(partition))},
                    {"reason", Json(dropped.error().message)}});
  }
  co_return Status();
}

Async<Status> Partitions::drop(Partition partition, PartitionReport& report) {
  const std::string suffix = partition_suffix(partition);
  std::int64_t unfinished = 0;
  auto work = [&](Session& session) { return drop_under_lock(session, partition, unfinished); };
  AUTERITY_CO_CHECK(co_await database_.with_transaction(work));
  if (unfinished > 0) {
    report.kept.push_back({suffix, unfinished});
    log_.warning("store", "a partition past retention is kept: executions in it have not ended",
                 {{"partition", Json(suffix)}, {"unfinished", Json(unfinished)}});
    co_return Status();
  }
  std::erase(known_, partition);
  report.dropped.push_back(suffix);
  co_return Status();
}

Async<Status> Partitions::remove_expired_keys(PartitionReport& report) {
  while (true) {
    AUTERITY_CO_TRY(rows, co_await database_.query({kRemoveKeys, {to_rfc3339(clock_.now())}}));
    report.keys_removed += rows->affected();
    if (rows->affected() == 0) co_return Status();
  }
}

// Days in the object store that are older than every partition have no rows that refer to them.
Async<Status> Partitions::remove_orphaned_payloads(PartitionReport& report) {
  if (known_.empty()) co_return Status();
  AUTERITY_CO_TRY(held, co_await data::objects_are_held(database_));
  if (held) co_return Status();  // a backup copies them; the next run removes them
  Time oldest = known_.front().from;
  for (const Partition& partition : known_) oldest = std::min(oldest, partition.from);
  const std::string end = payload_folder(oldest);
  while (true) {
    AUTERITY_CO_TRY(objects, co_await objects_.list("payloads/", "", 500));
    std::size_t removed = 0;
    for (const data::ObjectInfo& object : objects) {
      if (object.key >= end) break;
      AUTERITY_CO_CHECK(co_await objects_.remove(object.key));
      ++removed;
    }
    report.payloads_removed += removed;
    if (removed == 0) co_return Status();
  }
}

Async<Result<PartitionReport>> Partitions::run_once() {
  PartitionReport report;
  const Time now = clock_.now();
  Status made = co_await create_missing(now, now + options_.ahead, report.created);
  Status dropped = co_await drop_expired(report);
  Status keys = co_await remove_expired_keys(report);
  Status payloads = co_await remove_orphaned_payloads(report);
  for (Status* part : {&made, &dropped, &keys, &payloads})
    if (!*part) co_return std::unexpected(std::move(*part).error());
  co_return report;
}

}  // namespace auterity::engine
