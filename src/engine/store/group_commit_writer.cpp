#include "engine/store/group_commit_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <utility>

#include "engine/store/write_statements.h"

namespace auterity::engine {
namespace asio = boost::asio;

// A write and the coroutine that waits for it. Owned by the queue, then by its batch: when they go,
// so does the coroutine.
struct GroupCommitWriter::Pending {
  Write write;
  Duration since;  // monotonic
  std::optional<Result<Written>> outcome;
  std::move_only_function<void(Result<Written>)> resume;
};

struct GroupCommitWriter::Instruments {
  explicit Instruments(Metrics& metrics)
      : batch_size(metrics.histogram("store_commit_writes", "Writes that went into one commit.",
                                     {1, 2, 4, 8, 16, 32, 64, 128, 256})),
        commit_seconds(metrics.histogram(
            "store_commit_seconds",
            "Time from sending a batch of writes to its acknowledged commit.",
            {0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.5, 2, 10})),
        waiting(metrics.gauge("store_writes_waiting", "Writes that wait for their batch.")),
        retries(metrics.counter("store_commit_retries_total",
                                "Batches sent again because their outcome was unknown or the "
                                "database did not answer.")) {}
  Histogram& batch_size;
  Histogram& commit_seconds;
  Gauge& waiting;
  Counter& retries;
};

namespace {

// The server is away, or what happened to the batch is unknown: to be asked again.
bool is_worth_repeating(ErrorKind kind) {
  return kind == ErrorKind::unavailable || kind == ErrorKind::timeout ||
         kind == ErrorKind::try_again;
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

GroupCommitWriter::GroupCommitWriter(Executor executor, data::Database& database, Clock& clock,
                                     Log& log, Metrics& metrics, WriterOptions options)
    : executor_(executor),
      database_(database),
      clock_(clock),
      log_(log),
      options_(options),
      instruments_(std::make_unique<Instruments>(metrics)),
      queue_(options.limits),
      commits_(executor, "commits", [&log](std::string_view task, const std::exception_ptr&) {
        log.error("store", "a commit ended by an exception", {{"task", Json(task)}});
      }) {}

GroupCommitWriter::~GroupCommitWriter() = default;

Async<Result<Written>> GroupCommitWriter::write(Write write) {
  auto pending = std::make_unique<Pending>();
  pending->write = std::move(write);
  pending->since = clock_.monotonic();
  auto enqueue = [this](auto handler, std::unique_ptr<Pending> entry) {
    entry->resume = std::move(handler);
    const Write& waiting = entry->write;
    queue_.push(waiting, std::move(entry));
    wake();
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<Written>)>(
      enqueue, asio::use_awaitable, std::move(pending));
}

Async<void> GroupCommitWriter::idle() { return commits_.join(); }

// Whatever else arrives in this turn of the event loop goes into the same batch.
void GroupCommitWriter::wake() {
  instruments_->waiting.set(static_cast<double>(queue_.size()));
  if (woken_ || in_flight_ >= options_.max_in_flight) return;
  woken_ = true;
  commits_.spawn("gather", gather());
}

Async<void> GroupCommitWriter::gather() {
  co_await asio::post(executor_, asio::use_awaitable);
  woken_ = false;
  start_commits();
}

void GroupCommitWriter::start_commits() {
  while (in_flight_ < options_.max_in_flight && !queue_.empty()) {
    if (in_flight_ > 0 && queue_.size() < options_.min_extra) break;
    Batch batch = queue_.take_batch();
    if (batch.empty()) break;
    ++in_flight_;
    instruments_->batch_size.observe(static_cast<double>(batch.size()));
    commits_.spawn("commit", commit(std::move(batch)));
  }
  instruments_->waiting.set(static_cast<double>(queue_.size()));
}

Async<void> GroupCommitWriter::commit(Batch batch) {
  try {
    co_await commit_part(batch, false);
  } catch (const std::exception& bug) {
    log_.error("store", "a batch of writes ended by an exception",
               {{"exception", Json(bug.what())}});
  }
  --in_flight_;
  answer(std::move(batch));
  start_commits();
}

void GroupCommitWriter::answer(Batch batch) {
  for (auto& pending : batch) {
    queue_.finished(pending->write);
    if (!pending->outcome)
      pending->outcome = fail(ErrorKind::internal, "the write ended without an outcome",
                              "see the log; the execution is taken up again by itself");
    // Posted, so that no waiter runs inside this loop.
    asio::post(executor_, [entry = std::move(pending)]() mutable {
      auto resume = std::move(entry->resume);
      resume(std::move(*entry->outcome));
    });
  }
}

Async<void> GroupCommitWriter::commit_part(Part part, bool repeat) {
  const Duration give_up_at = part.front()->since + options_.retry_for;
  Duration pause = options_.first_pause;
  while (true) {
    Status done = co_await attempt(part, repeat);
    if (done) co_return;
    if (is_worth_repeating(done.error().kind) && clock_.monotonic() + pause < give_up_at) {
      instruments_->retries.add();
      log_.warning("store", "a batch of writes is sent again",
                   {{"writes", Json(part.size())}, {"reason", Json(done.error().message)}});
      co_await clock_.sleep(pause);
      pause = std::min(pause * 2, options_.longest_pause);
      repeat = true;
      continue;
    }
    const bool one_for_all =
        is_worth_repeating(done.error().kind) || done.error().kind == ErrorKind::storage_full;
    if (part.size() > 1 && !one_for_all) {
      const std::size_t half = part.size() / 2;
      co_await commit_part(part.first(half), repeat);
      co_await commit_part(part.subspan(half), repeat);
      co_return;
    }
    // A create whose id is there already may be this very one.
    if (done.error().kind == ErrorKind::conflict && !repeat) {
      repeat = true;
      continue;
    }
    for (const auto& pending : part) pending->outcome = std::unexpected(done.error());
    co_return;
  }
}

Async<Status> GroupCommitWriter::attempt(Part part, bool repeat) {
  std::vector<const Write*> writes;
  writes.reserve(part.size());
  for (const auto& pending : part) writes.push_back(&pending->write);
  const Duration begun = clock_.monotonic();
  BatchStatements statements = statements_of(writes, repeat, clock_.now());
  auto answers = co_await database_.transact(std::move(statements.queries));
  if (!answers) co_return std::unexpected(std::move(answers).error());
  instruments_->commit_seconds.observe(seconds(clock_.monotonic() - begun));
  std::vector<Outcome> outcomes = outcomes_of(writes, repeat, statements, *answers);
  std::vector<Pending*> unsettled;
  for (std::size_t i = 0; i < part.size(); ++i) {
    part[i]->outcome = std::move(outcomes[i]);
    if (!part[i]->outcome) unsettled.push_back(part[i].get());
  }
  if (!unsettled.empty()) co_return co_await settle_saves(std::move(unsettled));
  co_return Status();
}

Async<Status> GroupCommitWriter::settle_saves(std::vector<Pending*> unsettled) {
  std::vector<const SaveWrite*> saves;
  saves.reserve(unsettled.size());
  for (const Pending* pending : unsettled) saves.push_back(&std::get<SaveWrite>(pending->write));
  AUTERITY_CO_TRY(rows, co_await database_.read(settling_query(saves)));
  std::vector<Result<Written>> outcomes = settle(saves, *rows);
  for (std::size_t i = 0; i < unsettled.size(); ++i) unsettled[i]->outcome = std::move(outcomes[i]);
  co_return Status();
}

}  // namespace auterity::engine
