#pragma once
// One leader at a time. Purpose: a duty that only one process should carry out, such as starting
// scheduled executions, goes to whoever holds a lease in the database; when that process dies,
// another takes over once the lease has run out.
//
// Invariants: the term grows with every change of holder; a leader trusts its lease for a shorter
// time than the lease lasts, counted on its monotonic clock from before it asked, so that it stops
// before another can begin. A clock that is wrong by more than the difference can make two leaders
// for a moment: what they do must therefore be safe to do twice (scheduled starts are, by the
// uniqueness of a fire time). Losing the database loses the leadership when the trust has passed.
#include <cstdint>
#include <optional>
#include <string>

#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"

namespace auterity::engine {

class LeadershipStore {
 public:
  virtual ~LeadershipStore() = default;
  // Takes or extends the lease until now + lease; the term, or nullopt while another one holds it.
  virtual Async<Result<std::optional<std::int64_t>>> acquire(std::string name, std::string holder,
                                                             Duration lease) = 0;
  // Gives it back at once, if `holder` still has it.
  virtual Async<Status> resign(std::string name, std::string holder) = 0;
};

class Leadership {
 public:
  Leadership(LeadershipStore& store, Clock& clock, std::string name, std::string holder,
             Duration lease)
      : store_(store),
        clock_(clock),
        name_(std::move(name)),
        holder_(std::move(holder)),
        lease_(lease) {}

  // Whether we lead, asking the database when a third of the lease has passed since it last said
  // so.
  Async<Result<bool>> hold();
  // Whether we lead for sure at this moment. Cheap: to be asked before each act.
  bool is_trusted() const { return clock_.monotonic() < trusted_until_; }
  Async<Status> resign();
  std::int64_t term() const { return term_; }

 private:
  LeadershipStore& store_;
  Clock& clock_;
  std::string name_, holder_;
  Duration lease_;
  Duration trusted_until_{};  // monotonic
  Duration renew_at_{};       // monotonic
  std::int64_t term_ = 0;
};

}  // namespace auterity::engine
