#include "operations/deploy/canary_pace.h"

namespace auterity::operations {
namespace {

constexpr Duration kFillLimit = std::chrono::seconds(60);
constexpr double kEarlySignificance = 0.01;

}  // namespace

StageLook look_at_stage(const CanarySamples& samples, const CanaryThresholds& thresholds,
                        const StageProgress& progress) {
  const bool over = progress.elapsed >= progress.bake;
  CanaryThresholds strict = thresholds;
  if (!over) strict.significance *= kEarlySignificance;
  StageLook look{progress.compared ? judge(samples, strict)
                                   : judge_alone(samples.candidate, strict)};
  if (look.verdict.outcome == CanaryOutcome::too_few) {
    if (progress.elapsed >= progress.bake + kFillLimit)
      look.next = StageNext::end;
    else if (progress.elapsed >= progress.bake / 2)
      look.next = StageNext::fill;
  } else if (over || look.verdict.outcome == CanaryOutcome::worse) {
    look.next = StageNext::end;
  }
  return look;
}

}  // namespace auterity::operations
