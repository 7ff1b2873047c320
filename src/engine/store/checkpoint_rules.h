#pragma once
// From the contract's values to rows. Pure: checks that a checkpoint is one the store can keep its
// promises for, and writes values as the texts that the database holds (before payloads.h decides
// where large ones live).
#include <optional>
#include <string>

#include "core/error.h"
#include "engine/store/write_batch.h"

namespace auterity::engine {

// A status and a wake reason that belong together: an ended execution has none, one that has not
// has exactly one. internal (a bug of the caller) otherwise, or when seq, term or an event's number
// is out of range.
Status check(const Checkpoint& checkpoint);

// `idempotency_window`: how long an idempotency key is remembered.
Result<CreateWrite> create_write(const NewExecution& execution,
                                 const std::optional<Checkpoint>& first, std::string owner,
                                 std::optional<Duration> lease, Time now,
                                 Duration idempotency_window);
// `lease`: of an execution whose lease begins with this checkpoint.
Result<SaveWrite> save_write(const Checkpoint& checkpoint, Time now, Duration lease);

// The texts of a write that may be large.
template <typename Visitor>
void for_each_payload(CreateWrite& write, Visitor visit) {
  visit(write.input);
  if (write.output) visit(*write.output);
  if (write.error) visit(*write.error);
  if (write.first) {
    visit(write.first->events);
    if (write.first->state) visit(*write.first->state);
  }
}
template <typename Visitor>
void for_each_payload(SaveWrite& write, Visitor visit) {
  if (write.output) visit(*write.output);
  if (write.error) visit(*write.error);
  visit(write.history.events);
  if (write.history.state) visit(*write.history.state);
}

}  // namespace auterity::engine
