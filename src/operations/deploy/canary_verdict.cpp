#include "operations/deploy/canary_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <optional>

#include "core/counted.h"
#include "operations/deploy/rank_sum.h"

namespace auterity::operations {
namespace {

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
          {"latencies", pool.response_ms.size()},
          {"latencies_left_out", pool.latencies_left_out},
          {"p50_ms", latency.p50},
          {"p95_ms", latency.p95}};
}

// HAProxy counts whole milliseconds and cuts off the rest: what it calls 1 ms may have been
// almost 2.
bool slower(double candidate_ms, double baseline_ms, double ratio) {
  return candidate_ms > (baseline_ms + 1) * ratio;
}

CanaryVerdict with(CanaryVerdict verdict, CanaryOutcome outcome, std::string reason) {
  verdict.outcome = outcome;
  verdict.reason = std::move(reason);
  verdict.figures["outcome"] = name_of(outcome);
  return verdict;
}

std::string failures_text(const ErrorCount& count) {
  return fmt::format("{} of {} failed ({:.2f} %)", count.errors, counted(count.requests, "request"),
                     count.share() * 100);
}

std::string given_up_text(const PoolSample& pool) {
  return pool.given_up == 0
             ? ""
             : fmt::format("; {} more were given up by their clients", pool.given_up);
}

ErrorCount given_up_count(const PoolSample& pool) {
  return {.requests = pool.errors.requests + pool.given_up, .errors = pool.given_up};
}

// A version that hangs fails no request: its clients go away first, each for a reason that no line
// of the log tells. So only more of them than of the old version speak against it.
std::optional<CanaryVerdict> judge_given_up(CanaryVerdict& verdict, const CanarySamples& samples,
                                            const CanaryThresholds& thresholds) {
  const ErrorCount before = given_up_count(samples.baseline);
  const ErrorCount after = given_up_count(samples.candidate);
  const double p_more = p_fails_more(before, after);
  verdict.figures["p_given_up_more"] = p_more;
  if (p_more >= thresholds.significance) return std::nullopt;
  return with(std::move(verdict), CanaryOutcome::worse,
              fmt::format("clients gave up {} of {} requests ({:.2f} %), of the old version {} of "
                          "{} ({:.2f} %)",
                          after.errors, after.requests, after.share() * 100, before.errors,
                          before.requests, before.share() * 100));
}

// What the limit on failures and the least number of requests say; nullopt: nothing against it.
// `baseline`: nullptr when there is none.
std::optional<CanaryVerdict> judge_limit(CanaryVerdict& verdict, const PoolSample& candidate,
                                         const PoolSample* baseline,
                                         const CanaryThresholds& thresholds) {
  const ErrorCount& errors = candidate.errors;
  const double p_limit = p_within_limit(errors, thresholds.error_percent / 100);
  verdict.figures["p_within_limit"] = p_limit;
  if (p_limit < thresholds.significance)
    return with(
        std::move(verdict), CanaryOutcome::worse,
        fmt::format("{}; at most {} % may", failures_text(errors), thresholds.error_percent));
  const std::uint64_t compared = baseline == nullptr ? errors.requests : baseline->errors.requests;
  if (std::min(errors.requests, compared) < thresholds.minimum_requests)
    return with(
        std::move(verdict), CanaryOutcome::too_few,
        fmt::format("{} on the new version{}: too few to judge by; {} {} needed{}",
                    counted(errors.requests, "request"),
                    baseline == nullptr ? "" : fmt::format(" and {} on the old one", compared),
                    thresholds.minimum_requests, baseline == nullptr ? "are" : "of each are",
                    given_up_text(candidate)));
  if (errors.share() * 100 > thresholds.error_percent)
    return with(std::move(verdict), CanaryOutcome::too_few,
                fmt::format("{}; at most {} % may, and it takes more requests to tell this from "
                            "chance",
                            failures_text(errors), thresholds.error_percent));
  return std::nullopt;
}

}  // namespace

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
  const double p_errors = p_fails_more(baseline.errors, candidate.errors);
  verdict.figures["p_fails_more"] = p_errors;
  // Failing requests are seen first: they need no minimum to be real, only not to be chance.
  if (candidate.errors.errors > 0 && p_errors < thresholds.significance)
    return with(std::move(verdict), CanaryOutcome::worse,
                fmt::format("{}, of the old version {} of {}", failures_text(candidate.errors),
                            baseline.errors.errors, baseline.errors.requests));
  if (auto hanging = judge_given_up(verdict, samples, thresholds)) return std::move(*hanging);
  if (auto broken = judge_limit(verdict, candidate, &baseline, thresholds))
    return std::move(*broken);
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
              fmt::format("{}, {} failed{}; {}", counted(candidate.errors.requests, "request"),
                          candidate.errors.errors, given_up_text(candidate), latencies));
}

CanaryVerdict judge_alone(const PoolSample& candidate, const CanaryThresholds& thresholds) {
  const Latency latency = latency_of(candidate);
  CanaryVerdict verdict;
  verdict.figures["candidate"] = figures_of(candidate, latency);
  verdict.figures["thresholds"] = to_json(thresholds);
  if (auto broken = judge_limit(verdict, candidate, nullptr, thresholds)) return std::move(*broken);
  return with(std::move(verdict), CanaryOutcome::healthy,
              fmt::format("{}, {} failed{}; p50 {} ms and p95 {} ms",
                          counted(candidate.errors.requests, "request"), candidate.errors.errors,
                          given_up_text(candidate), latency.p50, latency.p95));
}

namespace {

JsonObject to_json(const PoolSample& pool) {
  JsonArray response_ms;
  response_ms.reserve(pool.response_ms.size());
  for (const double value : pool.response_ms) response_ms.emplace_back(value);
  return {{"requests", pool.errors.requests},
          {"errors", pool.errors.errors},
          {"given_up", pool.given_up},
          {"latencies_left_out", pool.latencies_left_out},
          {"response_ms", std::move(response_ms)}};
}

}  // namespace

JsonObject to_json(const CanarySamples& samples) {
  return {{"baseline", to_json(samples.baseline)}, {"candidate", to_json(samples.candidate)}};
}

}  // namespace auterity::operations
