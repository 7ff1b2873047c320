// Backfills: one statement, again and again, each time over at most `batch` rows in a transaction
// of its own, until it touches none. Between batches it rests for as long as the last one took, so
// that it never has more than half of what it competes for. A batch that takes too long is made
// smaller. It can be killed anywhere: what is done does not match its condition any more.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "data/back_off.h"
#include "data/migrations/migrator.h"

namespace auterity::data {

Async<Status> Migrator::run_backfill(const Job& job) {
  const MigrationLimits& limits = options_.limits;
  const Backfill& backfill = *job.script.backfill;
  AUTERITY_CO_CHECK(co_await limit(limits.lock_budget, limits.batch, false));
  const std::string& name = prepared_texts_.emplace_back("migrations.backfill." + job.file());
  const std::string& text = prepared_texts_.emplace_back(job.script.statements.front().text);
  BackOff pause(limits.lock_budget / 2, limits.lock_budget * 8);
  Duration progress_at = clock_.monotonic();
  int batch = backfill.batch;
  for (std::size_t rows = 0;;) {
    const Duration began = clock_.monotonic();
    const auto done = co_await work_->query({{name, text}, {std::to_string(batch)}});
    if (done && (*done)->affected() == 0) break;
    if (done) {
      rows += (*done)->affected();
      note(fmt::format("{}: {} rows of {}", label(job.migration), rows, backfill.table));
      pause.reset();
      progress_at = clock_.monotonic();
      co_await clock_.sleep(std::max(backfill.pause, progress_at - began));
      continue;
    }
    const bool too_long = done.error().kind == ErrorKind::timeout && batch > 1;
    if (!too_long && done.error().kind != ErrorKind::try_again)
      co_return std::unexpected(done.error());
    if (clock_.monotonic() - progress_at >= limits.lock_deadline)
      co_return std::unexpected(done.error());
    if (too_long) batch = std::max(batch / 2, 1);
    co_await clock_.sleep(pause.next());
  }
  co_return co_await record_alone(job);
}

}  // namespace auterity::data
