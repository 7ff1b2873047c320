#include "engine/executor/engine_metrics.h"

namespace auterity::engine {

EngineMetrics::EngineMetrics(Metrics& metrics)
    : in_memory(
          metrics.gauge("workflow_executions_in_memory", "Executions that this process runs now.")),
      checkpoints(metrics.counter("workflow_checkpoints_total",
                                  "Durable steps of executions written by this process.")),
      claims(metrics.counter("workflow_claims_total",
                             "Executions that this process took over from the store.")),
      lease_losses(metrics.counter("workflow_lease_losses_total",
                                   "Executions that this process dropped because another one may "
                                   "own them.")),
      store_errors(metrics.counter("workflow_store_errors_total",
                                   "Writes of executions that failed and were tried again.")),
      queue_age_seconds(metrics.gauge("workflow_queue_age_seconds",
                                      "How long the execution that is due longest has waited to "
                                      "be claimed.")),
      metrics_(metrics) {}

void EngineMetrics::execution_ended(const std::string& workflow_type, ExecutionStatus status) {
  Counter*& counter = ended_[{workflow_type, status}];
  if (counter == nullptr)
    counter = &metrics_.counter("workflow_executions_total", "Executions that ended, by status.",
                                {{"workflow_type", workflow_type}, {"status", to_text(status)}});
  counter->add();
}

}  // namespace auterity::engine
