#pragma once
// The executions in this process's memory: who they are and how many more fit. One event loop only.
#include <cstddef>
#include <memory>
#include <unordered_map>
#include <vector>

#include "core/uuid.h"
#include "engine/executor/execution_run.h"

namespace auterity::engine {

class Residents {
 public:
  Residents(std::size_t limit, Gauge& count) : limit_(limit), count_(count) {}

  std::size_t size() const { return runs_.size(); }
  // Places that are neither taken nor reserved.
  std::size_t room() const { return size() + reserved_ < limit_ ? limit_ - size() - reserved_ : 0; }

  // Holds one place while it lives, for an execution that is being created.
  class Reservation {
   public:
    explicit Reservation(Residents& residents)
        : residents_(residents), held_(residents.room() > 0) {
      if (held_) ++residents_.reserved_;
    }
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;
    ~Reservation() {
      if (held_) --residents_.reserved_;
    }
    bool held() const { return held_; }

   private:
    Residents& residents_;
    bool held_;
  };

  // False when an execution of this id is in memory already: it must leave first.
  bool add(std::shared_ptr<ExecutionRun> run) {
    const bool added = runs_.emplace(run->id(), std::move(run)).second;
    count_.set(static_cast<double>(size()));
    return added;
  }
  void remove(const Uuid& id) {
    runs_.erase(id);
    count_.set(static_cast<double>(size()));
  }
  std::shared_ptr<ExecutionRun> find(const Uuid& id) const {
    const auto found = runs_.find(id);
    return found == runs_.end() ? nullptr : found->second;
  }
  std::vector<std::shared_ptr<ExecutionRun>> all() const {
    std::vector<std::shared_ptr<ExecutionRun>> runs;
    runs.reserve(runs_.size());
    for (const auto& [id, run] : runs_) runs.push_back(run);
    return runs;
  }

 private:
  std::size_t limit_;
  Gauge& count_;
  std::size_t reserved_ = 0;
  std::unordered_map<Uuid, std::shared_ptr<ExecutionRun>> runs_;
};

}  // namespace auterity::engine
