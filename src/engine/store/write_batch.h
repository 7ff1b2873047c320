#pragma once
// What the group-commit writer writes, and which of it goes together. Pure: no I/O, no clock.
// Purpose: form batches of waiting writes, bounded in rows and bytes, in order of arrival.
// Invariants: an execution is in at most one batch at a time, and so is a start key, so that two
// writes of one execution keep their order and a multi-row statement never touches a row twice.
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <variant>
#include <vector>

#include "core/time.h"
#include "core/uuid.h"
#include "engine/store/execution_store.h"

namespace auterity::engine {

// A row of execution_history.
struct HistoryRow {
  std::int64_t seq = 0, term = 0, last_event = 0;
  std::string events;  // stored form (payloads.h)
  std::optional<std::string>
      state;  // stored form; nullopt: none, begin from the input or an earlier one
};

inline constexpr std::string_view kIdempotencyKind = "idempotency";
inline constexpr std::string_view kScheduleKind = "schedule";

// A start that happens once: a row of execution_keys.
struct StartKey {
  std::string kind;  // one of the two above
  std::string key;
  std::string input_digest;
  Time expires_at;
};

// A new execution, with its first checkpoint when it has one.
struct CreateWrite {
  Uuid id, workflow_id;
  Time created_at;
  std::optional<Time> started_at, finished_at, due_at;
  std::int64_t term = 0;
  ExecutionStatus status = ExecutionStatus::pending;
  WakeReason wake = WakeReason::ready;
  std::optional<std::string> owner;
  std::string trigger, workflow_type, started_by, traceparent;
  std::string input;  // stored form, as the two below
  std::optional<std::string> output, error;
  std::optional<HistoryRow> first;
  std::optional<StartKey> key;
};

// A checkpoint of an execution that exists.
struct SaveWrite {
  Uuid id;
  HistoryRow history;
  ExecutionStatus status = ExecutionStatus::running;
  WakeReason wake = WakeReason::lease;
  std::optional<Time> due_at;  // ready and timer
  Time lease_until;            // of a lease that begins with this save
  std::optional<Time> finished_at;
  std::optional<std::string> output, error;  // stored form
};

using Write = std::variant<CreateWrite, SaveWrite>;

// How a write ended when it did not fail.
struct Written {
  Uuid id;                // of a create: an earlier execution's when `existing`
  bool existing = false;  // its start key was known
  bool operator==(const Written&) const = default;
};

const Uuid& execution_of(const Write& write);
// Bytes of its texts, a measure of what a batch weighs.
std::size_t weight_of(const Write& write);
// workflow, kind and key of a create that has a start key, as one text; nullopt for all else.
std::optional<std::string> start_key_of(const Write& write);

struct BatchLimits {
  std::size_t max_writes = 256;
  std::size_t max_bytes = 4u << 20;
};

// Waiting writes in order of arrival. `Entry` is whatever the caller needs to answer them; it owns
// or refers to its Write.
template <typename Entry>
class WriteQueue {
 public:
  explicit WriteQueue(BatchLimits limits) : limits_(limits) {}

  void push(const Write& write, Entry entry) {
    waiting_.push_back(
        {execution_of(write), start_key_of(write), weight_of(write), std::move(entry)});
  }
  bool empty() const { return waiting_.empty(); }
  std::size_t size() const { return waiting_.size(); }

  // The next batch: in order, as many as the limits allow, passing over those whose execution or
  // key is still being written. Empty when all of them wait for such a one. A single write over
  // max_bytes goes alone.
  std::vector<Entry> take_batch() {
    std::vector<Entry> batch;
    std::size_t bytes = 0;
    std::deque<Waiting> passed_over;
    std::unordered_set<Uuid> passed_ids;
    while (!waiting_.empty() && batch.size() < limits_.max_writes) {
      Waiting& next = waiting_.front();
      if (is_busy(next) || passed_ids.contains(next.id)) {
        passed_ids.insert(next.id);
        passed_over.push_back(std::move(next));
      } else {
        if (!batch.empty() && bytes + next.bytes > limits_.max_bytes) break;
        bytes += next.bytes;
        busy_ids_.insert(next.id);
        if (next.key) busy_keys_.insert(*next.key);
        batch.push_back(std::move(next.entry));
      }
      waiting_.pop_front();
    }
    while (!passed_over.empty()) {
      waiting_.push_front(std::move(passed_over.back()));
      passed_over.pop_back();
    }
    return batch;
  }
  // To be called for each write of a batch once its outcome is known.
  void finished(const Write& write) {
    busy_ids_.erase(execution_of(write));
    if (auto key = start_key_of(write)) busy_keys_.erase(*key);
  }

 private:
  struct Waiting {
    Uuid id;
    std::optional<std::string> key;
    std::size_t bytes;
    Entry entry;
  };
  bool is_busy(const Waiting& next) const {
    return busy_ids_.contains(next.id) || (next.key && busy_keys_.contains(*next.key));
  }

  BatchLimits limits_;
  std::deque<Waiting> waiting_;
  std::unordered_set<Uuid> busy_ids_;
  std::unordered_set<std::string> busy_keys_;
};

}  // namespace auterity::engine
