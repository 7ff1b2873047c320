#pragma once
// How many processes a platform should have, decided from what was observed of late. Pure. Growing
// takes two observations in a row that call for it, and nothing that is unknown counts as a call;
// shrinking takes a whole cool-down of calm, and nothing that is unknown counts as calm. Between
// the two thresholds nothing changes, and a size that would call for growth at once is not shrunk
// to.
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "operations/environment/environment.h"
#include "operations/scale/scale.h"

namespace auterity::operations {

struct ScaleObservation {
  Time at;
  PlatformSizes sizes;
  // Absent: it could not be measured.
  std::optional<double> cpu_percent;     // of one core, mean of the API processes
  std::optional<double> queue_age_s;     // of the oldest execution that waits for a process
  std::optional<double> p95_latency_ms;  // of requests since the observation before; 0: there were
                                         // none
  std::string paused_by;                 // the operation that holds the lock; empty: none
};

struct ScaleSettings {
  SizeLimits limits;
  double cpu_up_percent = 70;
  double cpu_down_percent = 30;
  double queue_age_s = 10;  // calls for a worker
  double latency_ms = 500;  // calls for a replica
  int api_up = 2;           // replicas at once
  int api_down = 1;
  Duration interval = std::chrono::seconds(10);  // between two looks
  Duration up_cooldown = std::chrono::seconds(60);
  Duration down_cooldown = std::chrono::seconds(300);
};
ScaleSettings scale_settings(const EnvironmentFile& environment);

struct ScaleHistory {
  std::vector<ScaleObservation> recent;  // oldest first, without the one at hand
  std::optional<Time> changed_at;        // when the sizes last changed
};
// What must be remembered of the past for the next decision.
void remember(ScaleHistory& history, ScaleObservation observation, const ScaleSettings& settings);

struct ScaleDecision {
  PlatformSizes sizes;  // those of now: nothing changes
  std::string reason;   // for the journal and the log
};
ScaleDecision decide_scale(const ScaleObservation& now, const ScaleSettings& settings,
                           const ScaleHistory& history);

}  // namespace auterity::operations
