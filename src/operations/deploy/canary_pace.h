#pragma once
// How long a stage of a canary goes on: at each look the requests so far are judged, and either the
// stage ends, or it goes on, with requests of the deploy's own where people make too few. Pure. It
// ends early only when the new version is plainly worse: looked at again and again, chance gets
// many tries, so an early end needs much stronger evidence than the end of the stage.
#include "core/time.h"
#include "operations/deploy/canary_verdict.h"

namespace auterity::operations {

struct StageProgress {
  bool compared = false;  // against the baseline; else held against the limit alone
  Duration elapsed{};
  Duration bake{};
};

enum class StageNext { watch, fill, end };

struct StageLook {
  CanaryVerdict verdict;
  StageNext next = StageNext::watch;
};
// A stage that has too few requests at its end goes on for a minute at most.
StageLook look_at_stage(const CanarySamples& samples, const CanaryThresholds& thresholds,
                        const StageProgress& progress);

}  // namespace auterity::operations
