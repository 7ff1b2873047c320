#pragma once
// Sorts requests into the two pools that a canary compares, one by one as the log tells of them: no
// request is kept, so that a stage may last hours under load. Counts are exact; of the latencies at
// most kKeptLatencies a pool stay, each answer's with the same chance (reservoir sampling: J. S.
// Vitter, ACM Transactions on Mathematical Software 11 (1985), algorithm R). Pure but for Random.
#include <string>

#include "core/random.h"
#include "operations/deploy/canary_verdict.h"
#include "operations/deploy/request_log.h"

namespace auterity::operations {

class CanarySampler {
 public:
  // Far more than a test of ranks needs, and sorted within milliseconds.
  static constexpr std::size_t kKeptLatencies = 20'000;

  // Requests accepted before `from` are left out, and those of other pools than the two.
  CanarySampler(Random& random, std::string_view baseline_pool, std::string_view candidate_pool,
                Time from)
      : random_(random), baseline_(baseline_pool), candidate_(candidate_pool), from_(from) {}

  void add(const RequestRecord& request);
  const CanarySamples& samples() const { return samples_; }

 private:
  void add(PoolSample& pool, const RequestRecord& request);
  void keep_latency(PoolSample& pool, double response_ms);

  Random& random_;
  std::string baseline_;
  std::string candidate_;
  Time from_;
  CanarySamples samples_;
};

}  // namespace auterity::operations
