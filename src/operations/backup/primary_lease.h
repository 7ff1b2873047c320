#pragma once
// Which platform may write: a lease in backup storage that the primary renews and whoever wants to
// take its place takes from it. Invariant: there are never two who may write.
//
// The record has a term, which grows with every taker and never shrinks, and every change of it is
// conditional on nobody having changed it meanwhile. The holder writes for `trust` after it *began*
// its last successful renewal, and has stopped `stopping` later. A taker claims the next term
// first, from which moment on no renewal of the holder succeeds, and then waits `length`, so that
// the holder's trust has run out wherever it is and whatever it hears. Nobody compares two clocks:
// each measures durations by its own monotonic one, and only their speeds must agree, to kDrift.
//
// What this does not do is stop anybody: the holder asks may_write() and acts on the answer. A
// machine that stands still as a whole, its clock included, notices with its next renewal.
#include <optional>
#include <string>

#include "core/clock.h"
#include "data/object_store.h"
#include "operations/backup/sealed_document.h"

namespace auterity::operations::backup {

struct LeaseTimes {
  Duration length = std::chrono::seconds(30);   // that a taker waits after its claim
  Duration trust = std::chrono::seconds(20);    // that the holder writes after a renewal began
  Duration stopping = std::chrono::seconds(9);  // that it needs to stop, at most

  // Of the speed of two clocks, in percent: how much they may differ from the true one.
  static constexpr int kDriftPercent = 1;
  // Whether the holder has stopped when the taker begins.
  bool are_safe() const;
};

struct LeaseRecord {
  std::uint64_t term = 0;
  std::string holder;
  std::uint64_t renewal = 0;  // counts within the term
  Duration length{};          // the longest that anybody before this term may still count on
  bool waited = false;        // the holder has waited for those before it, and writes
  bool released = false;      // the holder has stopped writing of its own will
  Time renewed_at;            // by the holder's clock, for people
};

class PrimaryLease {
 public:
  static constexpr std::string_view kKey = "lease/primary.json";

  // `holder` names one platform and no other, over all its restarts, and no two processes use it
  // at once. References outlive this. `times` are safe (asserted).
  PrimaryLease(data::ObjectStore& store, DocumentSeal seal, Clock& clock, std::string holder,
               LeaseTimes times = {});

  // For a platform that starts: takes a lease that nobody has, that was released, or that is its
  // own already. conflict when it is another's; what was claimed and not waited for is waited for.
  // Every call that asks the store has the store's errors, and failed or forbidden when the record
  // is damaged or of another key.
  Async<Status> acquire();
  // For the holder, well within `trust`. conflict: another has claimed it; this is fenced for good.
  Async<Status> renew();
  // The two halves of taking it from whoever has it. After claim() the former holder cannot renew
  // any more; cut short, it is called again. wait_out() answers when the former holder has stopped,
  // and this may write; conflict when it was claimed by yet another meanwhile.
  Async<Status> claim();
  Async<Status> wait_out();
  Async<Status> take_over();
  // The holder has stopped writing, whatever comes of this; after success the next one need not
  // wait.
  Async<Status> release();

  // At this moment. Ask again before every write, or act when `trusted_until` has come.
  bool may_write() const;
  bool is_fenced() const { return fenced_; }
  std::optional<Duration> trusted_until() const { return trusted_until_; }  // monotonic
  std::uint64_t term() const { return record_.term; }

  // As it is in storage now; nullopt: there was never one.
  Async<Result<std::optional<LeaseRecord>>> look();

 private:
  struct Seen {
    LeaseRecord record;
    std::string etag;
  };
  Async<Result<std::optional<Seen>>> read();
  void adopt(Seen seen);
  Async<Status> write(LeaseRecord record, data::WriteCondition condition);
  Async<Status> take(std::optional<Seen> before, bool waited);
  Async<Status> renew_as(bool waited, bool released);
  std::unexpected<Error> fence();

  data::ObjectStore& store_;
  DocumentSeal seal_;
  Clock& clock_;
  std::string holder_;
  LeaseTimes times_;
  LeaseRecord record_;  // our own, as it was last written or seen
  std::string etag_;
  std::optional<Duration> trusted_until_;
  bool fenced_ = false;
};

}  // namespace auterity::operations::backup
