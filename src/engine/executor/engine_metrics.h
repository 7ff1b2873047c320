#pragma once
// The engine's metrics, declared once; handles are kept, since looking one up takes a lock.
#include <map>
#include <string>
#include <utility>

#include "core/metrics.h"
#include "engine/store/execution_store.h"

namespace auterity::engine {

class EngineMetrics {
 public:
  explicit EngineMetrics(Metrics& metrics);

  void execution_ended(const std::string& workflow_type, ExecutionStatus status);

  Gauge& in_memory;
  Counter& checkpoints;
  Counter& claims;
  Counter& lease_losses;
  Counter& store_errors;
  Gauge& queue_age_seconds;

 private:
  Metrics& metrics_;
  std::map<std::pair<std::string, ExecutionStatus>, Counter*> ended_;
};

}  // namespace auterity::engine
