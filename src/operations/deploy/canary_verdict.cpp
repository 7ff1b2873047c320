#include "operations/deploy/canary_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "operations/deploy/rank_sum.h"

namespace auterity::operations {
namespace {

void count(PoolSample& pool, const RequestRecord& request) {
  if (request.client_gave_up()) {
    ++pool.given_up;
    return;
  }
  ++pool.errors.requests;
  if (request.server_failed())
    ++pool.errors.errors;
  else if (request.response_ms >= 0)
    pool.response_ms.push_back(request.response_ms);
}

// Nearest-rank percentile; 0 for no values.
double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  const std::size_t index = std::min(values.size() - 1, rank == 0 ? 0 : rank - 1);
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(index));
  return values[index];
}

struct Latency {
  double p50 = 0;
  double p95 = 0;
};

Latency latency_of(const PoolSample& pool) {
  return {percentile(pool.response_ms, 0.5), percentile(pool.response_ms, 0.95)};
}

JsonObject figures_of(const PoolSample& pool, const Latency& latency) {
  return {{"requests", pool.errors.requests},
          {"errors", pool.errors.errors},
          {"given_up", pool.given_up},
          {"p50_ms", latency.p50},
          {"p95_ms", latency.p95}};
}

// HAProxy counts whole milliseconds: between 0 and 1 no ratio means anything.
bool slower(double candidate_ms, double baseline_ms, double ratio) {
  return candidate_ms > std::max(baseline_ms, 1.0) * ratio;
}

CanaryVerdict with(CanaryVerdict verdict, CanaryOutcome outcome, std::string reason) {
  verdict.outcome = outcome;
  verdict.reason = std::move(reason);
  verdict.figures["outcome"] = name_of(outcome);
  return verdict;
}

}  // namespace

CanarySamples sample(const std::vector<RequestRecord>& requests, std::string_view baseline_pool,
                     std::string_view candidate_pool, Time from, Time to) {
  CanarySamples samples;
  for (const RequestRecord& request : requests) {
    if (request.accepted_at < from || request.accepted_at >= to) continue;
    const std::string_view pool = pool_of(request.server);
    if (pool == baseline_pool) count(samples.baseline, request);
    if (pool == candidate_pool) count(samples.candidate, request);
  }
  return samples;
}

std::string_view name_of(CanaryOutcome outcome) {
  switch (outcome) {
    case CanaryOutcome::healthy:
      return "healthy";
    case CanaryOutcome::worse:
      return "worse";
    case CanaryOutcome::too_few:
      return "too few requests";
  }
  return "";
}

JsonObject to_json(const CanaryThresholds& thresholds) {
  return {{"minimum_requests", thresholds.minimum_requests},
          {"error_percent", thresholds.error_percent},
          {"latency_ratio", thresholds.latency_ratio},
          {"significance", thresholds.significance}};
}

CanaryVerdict judge(const CanarySamples& samples, const CanaryThresholds& thresholds) {
  const PoolSample& baseline = samples.baseline;
  const PoolSample& candidate = samples.candidate;
  const Latency before = latency_of(baseline);
  const Latency after = latency_of(candidate);
  CanaryVerdict verdict;
  verdict.figures["baseline"] = figures_of(baseline, before);
  verdict.figures["candidate"] = figures_of(candidate, after);
  verdict.figures["thresholds"] = to_json(thresholds);
  const double share = candidate.errors.share() * 100;
  const double p_errors = p_fails_more(baseline.errors, candidate.errors);
  verdict.figures["p_fails_more"] = p_errors;
  // Failing requests are seen first: they need no minimum to be real, only not to be chance.
  if (candidate.errors.errors > 0 && p_errors < thresholds.significance)
    return with(std::move(verdict), CanaryOutcome::worse,
                fmt::format("{} of {} requests failed ({:.2f} %), of the old version {} of {}",
                            candidate.errors.errors, candidate.errors.requests, share,
                            baseline.errors.errors, baseline.errors.requests));
  if (std::min(baseline.errors.requests, candidate.errors.requests) < thresholds.minimum_requests)
    return with(std::move(verdict), CanaryOutcome::too_few,
                fmt::format("{} requests on the new version and {} on the old one are too few to "
                            "judge by; {} of each are needed",
                            candidate.errors.requests, baseline.errors.requests,
                            thresholds.minimum_requests));
  if (share > thresholds.error_percent)
    return with(std::move(verdict), CanaryOutcome::worse,
                fmt::format("{:.2f} % of {} requests failed; at most {} % may", share,
                            candidate.errors.requests, thresholds.error_percent));
  if (baseline.response_ms.empty() || candidate.response_ms.empty())
    return with(std::move(verdict), CanaryOutcome::too_few, "one pool answered no request at all");
  const RankSum ranks = rank_sum(baseline.response_ms, candidate.response_ms);
  verdict.figures["p_slower"] = ranks.p_greater;
  verdict.figures["superiority"] = ranks.superiority;
  const bool much = slower(after.p50, before.p50, thresholds.latency_ratio) ||
                    slower(after.p95, before.p95, thresholds.latency_ratio);
  const std::string latencies =
      fmt::format("p50 {} ms and p95 {} ms, of the old version {} ms and {} ms", after.p50,
                  after.p95, before.p50, before.p95);
  if (much && ranks.p_greater < thresholds.significance)
    return with(std::move(verdict), CanaryOutcome::worse,
                fmt::format("answers are slower: {} (p = {:.2g})", latencies, ranks.p_greater));
  return with(std::move(verdict), CanaryOutcome::healthy,
              fmt::format("{} requests, {} failed; {}", candidate.errors.requests,
                          candidate.errors.errors, latencies));
}

CanaryVerdict judge_alone(const PoolSample& candidate, const CanaryThresholds& thresholds) {
  const Latency latency = latency_of(candidate);
  CanaryVerdict verdict;
  verdict.figures["candidate"] = figures_of(candidate, latency);
  verdict.figures["thresholds"] = to_json(thresholds);
  if (candidate.errors.requests < thresholds.minimum_requests)
    return with(std::move(verdict), CanaryOutcome::too_few,
                fmt::format("{} requests are too few to judge by; {} are needed",
                            candidate.errors.requests, thresholds.minimum_requests));
  const double share = candidate.errors.share() * 100;
  if (share > thresholds.error_percent)
    return with(std::move(verdict), CanaryOutcome::worse,
                fmt::format("{:.2f} % of {} requests failed; at most {} % may", share,
                            candidate.errors.requests, thresholds.error_percent));
  return with(
      std::move(verdict), CanaryOutcome::healthy,
      fmt::format("{} requests, {} failed; p50 {} ms and p95 {} ms", candidate.errors.requests,
                  candidate.errors.errors, latency.p50, latency.p95));
}

namespace {

JsonObject to_json(const PoolSample& pool) {
  JsonArray response_ms;
  response_ms.reserve(pool.response_ms.size());
  for (const double value : pool.response_ms) response_ms.emplace_back(value);
  return {{"requests", pool.errors.requests},
          {"errors", pool.errors.errors},
          {"given_up", pool.given_up},
          {"response_ms", std::move(response_ms)}};
}

}  // namespace

JsonObject to_json(const CanarySamples& samples) {
  return {{"baseline", to_json(samples.baseline)}, {"candidate", to_json(samples.candidate)}};
}

}  // namespace auterity::operations
