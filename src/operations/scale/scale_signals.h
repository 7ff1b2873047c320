#pragma once
// What autoscaling looks at: the processors' time that API processes take, how long executions wait
// for a process, how long requests take as the load balancer saw it. Each may be unknown. Looks and
// changes nothing; remembers what it saw last, since two of the three are differences.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operations/local_context.h"
#include "operations/scale/decide_scale.h"

namespace auterity::operations {

// Seconds of processor time from the content of /proc/PID/stat (proc(5)).
std::optional<double> cpu_seconds(std::string_view stat, double ticks_per_second);
// The largest value of workflow_queue_age_seconds in Prometheus text; nullopt without one.
std::optional<double> queue_age(std::string_view metrics);
// 95th percentile of what the API took to answer, from lines of HAProxy's log that were accepted
// after `since`; 0 when there were none. Executions and event streams that were asked to take their
// time are left out.
double p95_latency_ms(std::string_view log, Time since);

class ScaleSignals {
 public:
  explicit ScaleSignals(LocalContext& context) : context_(context) {}
  // not_found when the platform was never started.
  Async<Result<ScaleObservation>> observe();

 private:
  Async<std::optional<double>> observe_cpu(local::Platform platform);
  Async<std::optional<double>> observe_queue(local::Platform platform);
  std::optional<double> observe_latency(const local::Platform& platform);

  struct Measured {
    Duration at;
    double cpu_s;
  };
  LocalContext& context_;
  std::map<int, Measured> processes_;  // by pid
  std::optional<Time> looked_at_;      // HAProxy's log
};

}  // namespace auterity::operations
