#pragma once
// What a canary step says about a new version: its requests are compared with those that a pool of
// as many new processes of the old version served in the same minutes. Both pools are equally warm
// and got the same mix of requests, so what differs is the version. Pure. Three outcomes, and "too
// few requests" is one of its own: no data never passes for healthy. Nor does a share of failures
// above the limit that may still be chance: it takes more requests to tell.
#include <cstdint>
#include <string>
#include <vector>

#include "core/json.h"
#include "operations/deploy/error_share.h"

namespace auterity::operations {

// What the environment file says under deploy.analysis.
struct CanaryThresholds {
  std::uint64_t minimum_requests = 100;  // in each pool; fewer are no evidence
  double error_percent = 1;    // of the new version's requests; more fail whatever the old one did
  double latency_ratio = 1.5;  // of medians and of p95; less than this is no regression
  // Of every test: least p that still counts as chance. A deploy makes a dozen of them, and one
  // in a thousand good releases turned back is the most that people put up with.
  double significance = 0.0001;
};

JsonObject to_json(const CanaryThresholds& thresholds);

struct PoolSample {
  ErrorCount errors;
  std::vector<double> response_ms;  // of requests that the server answered, in no order
  std::uint64_t given_up = 0;       // ended by the client; not among `errors`
  // Answers whose time is not in response_ms, which is then drawn by chance from all of them.
  std::uint64_t latencies_left_out = 0;
};

struct CanarySamples {
  PoolSample baseline;   // the old version's new processes
  PoolSample candidate;  // the new version
};

enum class CanaryOutcome { healthy, worse, too_few };
std::string_view name_of(CanaryOutcome outcome);

struct CanaryVerdict {
  CanaryOutcome outcome = CanaryOutcome::too_few;
  std::string reason;  // one line with the figures, for a person
  JsonObject figures;  // everything that the outcome rests on, without the samples
};
CanaryVerdict judge(const CanarySamples& samples, const CanaryThresholds& thresholds);
// Where every request goes to the new version there is nothing to compare it with: its failures are
// held against the limit alone. What clients gave up is only named: every event stream ends so, and
// browsers cancel at will, so that no share of it is bad without an old version's beside it.
CanaryVerdict judge_alone(const PoolSample& candidate, const CanaryThresholds& thresholds);

// The samples as they are kept beside the journal, so that a verdict can be computed again.
JsonObject to_json(const CanarySamples& samples);

}  // namespace auterity::operations
