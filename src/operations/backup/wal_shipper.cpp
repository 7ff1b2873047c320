#include "operations/backup/wal_shipper.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "data/back_off.h"

namespace auterity::operations::backup {
namespace {

using data::Lsn;
using data::WalArrival;

constexpr std::string_view kLogger = "wal";
constexpr Duration kIdle = std::chrono::seconds(10);
constexpr Duration kShortestPause = std::chrono::milliseconds(250);
constexpr Duration kLongestPause = std::chrono::seconds(1);

}  // namespace

WalShipper::WalShipper(Executor executor, Clock& clock, Log& log, data::SealedObjects& objects,
                       std::string url, std::function<void(const WalShippingState&)> on_progress)
    : executor_(std::move(executor)),
      clock_(clock),
      log_(log),
      objects_(objects),
      url_(std::move(url)),
      on_progress_(std::move(on_progress)) {}

Async<void> WalShipper::run() {
  data::BackOff pause(kShortestPause, kLongestPause);
  for (;;) {
    const auto before = state_.stored_objects;
    const auto ended = co_await run_once();
    if (state_.stored_objects > before) pause.reset();
    failure_ = ended.error();
    log_.warning(kLogger, "shipping the log was interrupted: " + ended.error().message,
                 {{"hint", Json(ended.error().hint)}});
    co_await clock_.sleep(pause.next());
  }
}

Async<Status> WalShipper::run_once() {
  held_.clear();
  AUTERITY_CO_TRY(replication, co_await data::Replication::open(
                                   executor_, clock_, log_,
                                   {.url = url_, .application_name = "auterity wal-shipper"}));
  AUTERITY_CO_TRY(segment_size, co_await replication->show("wal_segment_size"));
  if (segment_size != "16MB")
    co_return fail(ErrorKind::invalid_input,
                   fmt::format("the cluster has log segments of {}", segment_size),
                   "only clusters with the usual 16MB can be archived");
  AUTERITY_CO_TRY(identity, co_await replication->identify_system());
  state_.system_id = identity.system_id;
  state_.timeline = identity.timeline;
  flushed_ = identity.flushed;
  WalArchive archive(objects_, identity.system_id);
  AUTERITY_CO_CHECK(co_await keep_history(*replication, archive));
  AUTERITY_CO_TRY(durable, co_await take_position(*replication, archive));
  co_return co_await stream(*replication, archive, durable);
}

Async<Status> WalShipper::keep_history(data::Replication& replication, WalArchive& archive) {
  if (state_.timeline == 1) co_return Status{};
  AUTERITY_CO_TRY(history, co_await replication.timeline_history(state_.timeline));
  co_return co_await archive.store_history(state_.timeline, std::move(history));
}

Async<Result<Lsn>> WalShipper::take_position(data::Replication& replication, WalArchive& archive) {
  AUTERITY_CO_TRY(slot, co_await replication.find_slot(std::string(kSlot)));
  if (slot && slot->restart == Lsn()) {
    AUTERITY_CO_CHECK(co_await replication.drop_slot(std::string(kSlot)));
    slot.reset();
  }
  if (!slot) co_return co_await new_slot(replication, archive);
  hold();
  co_return co_await archive.reach(state_.timeline, slot->restart);
}

void WalShipper::hold() {
  state_.slot_holds = true;
  on_progress_(state_);
}

Async<Result<Lsn>> WalShipper::new_slot(data::Replication& replication, WalArchive& archive) {
  AUTERITY_CO_CHECK(co_await replication.create_slot(std::string(kSlot)));
  AUTERITY_CO_TRY(slot, co_await replication.find_slot(std::string(kSlot)));
  if (!slot)
    co_return fail(ErrorKind::try_again, "the replication slot was dropped at once", "try again");
  hold();
  AUTERITY_CO_TRY(newest, co_await archive.newest_end(state_.timeline));
  const Lsn first = data::segment_start(slot->restart);
  if (newest && *newest < first) {
    state_.gap = WalPiece{*newest, first};
    log_.error(
        kLogger,
        fmt::format("the archive of the log has a gap from {} to {}", newest->text(), first.text()),
        {{"hint", Json("recovery cannot cross it: take a new base backup")}});
  }
  co_return co_await archive.reach(state_.timeline, slot->restart);
}

Async<Status> WalShipper::stream(data::Replication& replication, WalArchive& archive, Lsn durable) {
  // From the segment's beginning: what is stored of it comes once more, so that the whole segment
  // is at hand when it is complete.
  held_from_ = data::segment_start(durable);
  if (held_from_ == durable)
    AUTERITY_CO_CHECK(co_await archive.remove_leftovers(state_.timeline, durable));
  AUTERITY_CO_TRY(pieces, co_await archive.pieces(state_.timeline, durable));
  std::erase_if(pieces, [&](const WalPiece& piece) { return piece.end > durable; });
  WalBatch batch(durable, std::move(pieces));
  state_.durable = durable;
  AUTERITY_CO_CHECK(
      co_await replication.start_wal(std::string(kSlot), held_from_, state_.timeline));
  AUTERITY_CO_CHECK(co_await replication.confirm_wal(durable));
  log_.info(kLogger, fmt::format("shipping the log from {}", durable.text()));
  for (;;) {
    AUTERITY_CO_TRY(arrival, co_await receive(replication, batch));
    if (arrival.kind == WalArrival::Kind::timeline_end)
      co_return fail(ErrorKind::try_again, "the server went over to another timeline",
                     "shipping goes on there by itself");
    if (arrival.kind == WalArrival::Kind::bytes) {
      AUTERITY_CO_CHECK(take_in(arrival));
      if (!batch.due()) oldest_ = clock_.monotonic();
      batch.received(held_from_ + held_.size(), clock_.monotonic());
    }
    AUTERITY_CO_CHECK(co_await store_due(replication, archive, batch));
  }
}

Async<Result<WalArrival>> WalShipper::receive(data::Replication& replication,
                                              const WalBatch& batch) {
  const auto due = batch.due();
  idle_ = !due && held_from_ + held_.size() >= flushed_;
  auto arrival = co_await replication.receive_wal(
      due ? std::max(*due - clock_.monotonic(), Duration(1)) : kIdle);
  if (std::exchange(idle_, false)) complete(clock_.monotonic());
  co_return arrival;
}

void WalShipper::complete(Duration at) {
  complete_at_ = at;
  failure_.reset();
}

std::optional<Duration> WalShipper::complete_at() const {
  return idle_ ? clock_.monotonic() : complete_at_;
}

Status WalShipper::take_in(const WalArrival& arrival) {
  if (arrival.start != held_from_ + held_.size())
    return fail(ErrorKind::unavailable,
                fmt::format("the server's log goes on at {} instead of {}", arrival.start.text(),
                            (held_from_ + held_.size()).text()),
                "shipping begins anew by itself");
  held_ += arrival.bytes;
  return {};
}

Async<Status> WalShipper::store_due(data::Replication& replication, WalArchive& archive,
                                    WalBatch& batch) {
  while (const auto store = batch.next(clock_.monotonic())) {
    const auto begun = clock_.monotonic();
    AUTERITY_CO_CHECK(
        co_await archive.store(state_.timeline, *store,
                               held_.substr(store->piece.start - held_from_, store->piece.size())));
    const auto now = clock_.monotonic();
    batch.stored(*store, now);
    if (store->whole_segment) {
      held_.erase(0, data::kWalSegmentBytes);
      held_from_ = store->piece.end;
    }
    state_.durable = batch.durable();
    state_.longest_wait = std::max(state_.longest_wait, now - oldest_);
    ++state_.stored_objects;
    if (!batch.due() && batch.durable() >= flushed_) complete(begun);
    AUTERITY_CO_CHECK(co_await replication.confirm_wal(batch.durable()));
    on_progress_(state_);
  }
  co_return Status{};
}

}  // namespace auterity::operations::backup
