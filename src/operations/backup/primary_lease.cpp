#include "operations/backup/primary_lease.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cassert>

#include "operations/backup/strict_members.h"

namespace auterity::operations::backup {
namespace {

constexpr std::string_view kPurpose = "primary lease";
constexpr std::size_t kMaxBytes = 1u << 16;

JsonObject to_json(const LeaseRecord& record) {
  return {{"term", record.term},
          {"holder", record.holder},
          {"renewal", record.renewal},
          {"length_ms", record.length.count() / 1000},
          {"waited", record.waited},
          {"released", record.released},
          {"renewed_at", to_rfc3339(record.renewed_at)}};
}

Result<LeaseRecord> parse(std::string_view text, const DocumentSeal& seal) {
  AUTERITY_TRY(body, open_document(kPurpose, text, seal));
  const Json value(std::move(body));
  StrictMembers members(&value, "lease");
  LeaseRecord record;
  record.term = members.number("term");
  record.holder = members.text("holder");
  record.renewal = members.number("renewal");
  record.length = std::chrono::milliseconds(members.number("length_ms"));
  record.waited = members.flag("waited");
  record.released = members.flag("released");
  record.renewed_at = members.time("renewed_at");
  AUTERITY_CHECK(members.end());
  return record;
}

std::unexpected<Error> held_by_another(const LeaseRecord& record) {
  return fail(ErrorKind::conflict,
              fmt::format("{} is the primary, in term {}, and said so at {}", record.holder,
                          record.term, to_rfc3339(record.renewed_at)),
              "stop that platform, which releases the lease, or take its place");
}

}  // namespace

bool LeaseTimes::are_safe() const {
  // The holder's clock is slow, the taker's fast.
  return (trust + stopping) * 100 / (100 - kDriftPercent) <= length * 100 / (100 + kDriftPercent);
}

PrimaryLease::PrimaryLease(data::ObjectStore& store, DocumentSeal seal, Clock& clock,
                           std::string holder, LeaseTimes times)
    : store_(store),
      seal_(std::move(seal)),
      clock_(clock),
      holder_(std::move(holder)),
      times_(times) {
  assert(times_.are_safe());
}

bool PrimaryLease::may_write() const {
  return !fenced_ && trusted_until_ && clock_.monotonic() < *trusted_until_;
}

Async<Result<std::optional<PrimaryLease::Seen>>> PrimaryLease::read() {
  auto reader = co_await store_.open_reader(std::string(kKey));
  if (!reader && reader.error().kind == ErrorKind::not_found) co_return std::nullopt;
  if (!reader) co_return std::unexpected(std::move(reader.error()));
  std::string text;
  for (;;) {
    AUTERITY_CO_TRY(piece, co_await (*reader)->read());
    if (piece.empty()) break;
    text += piece;
    if (text.size() > kMaxBytes)
      co_return fail(ErrorKind::failed, "the primary's lease is no lease",
                     "remove lease/primary.json from the backup location");
  }
  AUTERITY_CO_TRY(record, parse(text, seal_));
  co_return Seen{std::move(record), (*reader)->info().etag};
}

Async<Result<std::optional<LeaseRecord>>> PrimaryLease::look() {
  AUTERITY_CO_TRY(seen, co_await read());
  if (!seen) co_return std::nullopt;
  co_return std::move(seen->record);
}

void PrimaryLease::adopt(Seen seen) {
  record_ = std::move(seen.record);
  etag_ = std::move(seen.etag);
}

Async<Status> PrimaryLease::write(LeaseRecord record, data::WriteCondition condition) {
  record.renewed_at = clock_.now();
  AUTERITY_CO_TRY(info, co_await store_.put(std::string(kKey),
                                            seal_document(kPurpose, {}, to_json(record), seal_),
                                            std::move(condition)));
  record_ = std::move(record);
  etag_ = info.etag;
  co_return Status{};
}

Async<Status> PrimaryLease::take(std::optional<Seen> before, bool waited) {
  const Duration begun = clock_.monotonic();
  LeaseRecord next{.term = 1, .holder = holder_, .length = times_.length, .waited = waited};
  data::WriteCondition condition{.only_if_absent = true};
  if (before) {
    next.term = before->record.term + 1;
    next.length = std::max(before->record.length, times_.length);
    condition = {.only_if_etag = std::move(before->etag)};
  }
  AUTERITY_CO_CHECK(co_await write(std::move(next), std::move(condition)));
  fenced_ = false;
  trusted_until_.reset();
  if (waited) trusted_until_ = begun + times_.trust;
  co_return Status{};
}

Async<Status> PrimaryLease::acquire() {
  AUTERITY_CO_TRY(found, co_await read());
  if (!found) co_return co_await take(std::nullopt, true);
  if (found->record.holder != holder_) {
    if (!found->record.released) co_return held_by_another(found->record);
    co_return co_await take(std::move(*found), true);
  }
  adopt(std::move(*found));
  fenced_ = false;
  if (!record_.waited) co_return co_await wait_out();
  co_return co_await renew();
}

std::unexpected<Error> PrimaryLease::fence() {
  fenced_ = true;
  trusted_until_.reset();
  return fail(ErrorKind::conflict, "another platform has taken the primary's place",
              "this one writes no more; to have the place back, take it over from that one");
}

Async<Status> PrimaryLease::renew_as(bool waited, bool released) {
  for (;;) {
    const Duration begun = clock_.monotonic();
    LeaseRecord next = record_;
    ++next.renewal;
    next.waited = waited;
    next.released = released;
    const auto written = co_await write(std::move(next), {.only_if_etag = etag_});
    if (written) {
      trusted_until_.reset();
      if (!released) trusted_until_ = begun + times_.trust;
      co_return Status{};
    }
    if (written.error().kind != ErrorKind::conflict) co_return written;
    // Perhaps it was we who changed it, and the answer was lost.
    AUTERITY_CO_TRY(found, co_await read());
    if (!found || found->record.holder != holder_ || found->record.term != record_.term)
      co_return fence();
    adopt(std::move(*found));
  }
}

Async<Status> PrimaryLease::renew() {
  if (fenced_) co_return fence();
  assert(record_.waited && "acquired, or taken over, before it is renewed");
  co_return co_await renew_as(true, false);
}

Async<Status> PrimaryLease::claim() {
  for (;;) {
    AUTERITY_CO_TRY(found, co_await read());
    if (found && found->record.holder == holder_ && !found->record.waited) {
      adopt(std::move(*found));
      fenced_ = false;
      co_return Status{};
    }
    const bool nobody_writes = !found || found->record.released;
    const auto taken = co_await take(std::move(found), nobody_writes);
    if (taken || taken.error().kind != ErrorKind::conflict) co_return taken;
    // The holder renewed it in between.
  }
}

Async<Status> PrimaryLease::wait_out() {
  if (may_write()) co_return Status{};
  co_await clock_.sleep(record_.length);
  co_return co_await renew_as(true, false);
}

Async<Status> PrimaryLease::take_over() {
  AUTERITY_CO_CHECK(co_await claim());
  co_return co_await wait_out();
}

Async<Status> PrimaryLease::release() {
  trusted_until_.reset();
  if (fenced_ || !record_.waited) co_return Status{};
  co_return co_await renew_as(true, true);
}

}  // namespace auterity::operations::backup
