#pragma once
// The invariants of durable executions, checked at every change that a store has really made. It
// knows nothing of how the engine decides: it only refuses what must never be seen.
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/store/execution_store.h"

namespace auterity::harness {

class ExecutionChecker {
 public:
  // Called with each violation, in words.
  using Report = std::function<void(std::string)>;
  explicit ExecutionChecker(Report report) : report_(std::move(report)) {}

  void created(const std::string& owner, const engine::NewExecution& execution,
               const std::optional<engine::Checkpoint>& first, const engine::Created& created);
  void saved(const std::string& owner, const engine::Checkpoint& checkpoint);
  void claimed(const std::string& owner, const engine::ClaimedExecution& claimed);
  void restarted(const Uuid& id, const std::vector<engine::HistoryEvent>& events);

  // Somebody performs an effect of this activation now: it must be wanted by the last durable
  // state.
  void performed(const Uuid& id, std::string_view activation);

  std::uint64_t checkpoints() const { return checkpoints_; }
  std::uint64_t repetitions() const { return repetitions_; }

 private:
  struct Seen {
    std::int64_t term = 0;
    std::int64_t seq = 0;
    std::int64_t last_event = 0;
    bool ended = false;
    std::map<std::int64_t, std::string> owners;  // by term
    engine::Checkpoint last;
  };

  void take(Seen& seen, const engine::Checkpoint& checkpoint);
  void take_events(Seen& seen, const Uuid& id, const std::vector<engine::HistoryEvent>& events);
  void violation(const Uuid& id, std::string_view what);

  Report report_;
  std::map<Uuid, Seen> seen_;
  std::uint64_t checkpoints_ = 0;
  std::uint64_t repetitions_ = 0;
};

}  // namespace auterity::harness
