#include "operations/deploy/canary_sampler.h"

namespace auterity::operations {

void CanarySampler::add(const RequestRecord& request) {
  if (request.accepted_at < from_) return;
  const std::string_view pool = pool_of(request.server);
  if (pool == baseline_) add(samples_.baseline, request);
  if (pool == candidate_) add(samples_.candidate, request);
}

void CanarySampler::add(PoolSample& pool, const RequestRecord& request) {
  if (request.client_gave_up()) {
    ++pool.given_up;
    return;
  }
  ++pool.errors.requests;
  if (request.server_failed())
    ++pool.errors.errors;
  else if (request.response_ms >= 0)
    keep_latency(pool, request.response_ms);
}

void CanarySampler::keep_latency(PoolSample& pool, double response_ms) {
  if (pool.response_ms.size() < kKeptLatencies) {
    pool.response_ms.push_back(response_ms);
    return;
  }
  ++pool.latencies_left_out;
  const std::uint64_t place = random_.below(kKeptLatencies + pool.latencies_left_out);
  if (place < kKeptLatencies) pool.response_ms[place] = response_ms;
}

}  // namespace auterity::operations
