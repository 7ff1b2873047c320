#include "operations/scale/decide_scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace auterity::operations {
namespace {

constexpr double kCalmShare = 0.5;  // of a threshold that has no lower one of its own

using Judgement = std::function<bool(const ScaleObservation&)>;

bool at_least(const std::optional<double>& value, double limit) {
  return value.has_value() && *value >= limit;
}
bool below(const std::optional<double>& value, double limit) {
  return value.has_value() && *value < limit;
}

// Now and the time before.
bool twice(const ScaleObservation& now, const ScaleHistory& history, const Judgement& judge) {
  return judge(now) && !history.recent.empty() && judge(history.recent.back());
}

// For as long as the cool-down lasts, with an observation from before it began.
bool throughout(const ScaleObservation& now, const ScaleHistory& history, Duration span,
                const Judgement& judge) {
  if (!judge(now)) return false;
  for (auto seen = history.recent.rbegin(); seen != history.recent.rend(); ++seen) {
    if (!judge(*seen)) return false;
    if (now.at - seen->at >= span) return true;
  }
  return false;
}

bool cooled_down(const ScaleObservation& now, const ScaleHistory& history, Duration span) {
  return !history.changed_at || now.at - *history.changed_at >= span;
}

std::string known(const std::optional<double>& value, std::string_view unit) {
  return value ? fmt::format("{:.0f}{}", *value, unit) : "unknown";
}

std::string api_facts(const ScaleObservation& now) {
  return fmt::format("CPU {}, p95 latency {}", known(now.cpu_percent, " %"),
                     known(now.p95_latency_ms, " ms"));
}

int grown_api(const ScaleObservation& now, const ScaleSettings& settings,
              const ScaleHistory& history) {
  const Judgement hot = [&](const ScaleObservation& seen) {
    return at_least(seen.cpu_percent, settings.cpu_up_percent) ||
           at_least(seen.p95_latency_ms, settings.latency_ms);
  };
  if (!twice(now, history, hot)) return now.sizes.api;
  return std::max(now.sizes.api,
                  std::min(now.sizes.api + settings.api_up, settings.limits.api_max));
}

int shrunk_api(const ScaleObservation& now, const ScaleSettings& settings,
               const ScaleHistory& history) {
  // Sizes that somebody chose by hand may lie above the limit.
  const int fewer = std::clamp(now.sizes.api - settings.api_down, settings.limits.api_min,
                               settings.limits.api_max);
  if (fewer >= now.sizes.api) return now.sizes.api;
  const double growth = static_cast<double>(now.sizes.api) / fewer;
  const Judgement calm = [&](const ScaleObservation& seen) {
    return below(seen.cpu_percent, settings.cpu_down_percent) &&
           *seen.cpu_percent * growth < settings.cpu_up_percent &&
           below(seen.p95_latency_ms, settings.latency_ms * kCalmShare);
  };
  return throughout(now, history, settings.down_cooldown, calm) ? fewer : now.sizes.api;
}

int grown_workers(const ScaleObservation& now, const ScaleSettings& settings,
                  const ScaleHistory& history) {
  const Judgement late = [&](const ScaleObservation& seen) {
    return at_least(seen.queue_age_s, settings.queue_age_s);
  };
  if (!twice(now, history, late)) return now.sizes.workers;
  return std::max(now.sizes.workers, std::min(now.sizes.workers + 1, settings.limits.workers_max));
}

int shrunk_workers(const ScaleObservation& now, const ScaleSettings& settings,
                   const ScaleHistory& history) {
  const int least = std::max(settings.limits.workers_min, 1);
  if (now.sizes.workers <= least) return now.sizes.workers;
  const Judgement calm = [&](const ScaleObservation& seen) {
    return below(seen.queue_age_s, settings.queue_age_s * kCalmShare);
  };
  return throughout(now, history, settings.down_cooldown, calm) ? now.sizes.workers - 1
                                                                : now.sizes.workers;
}

}  // namespace

ScaleSettings scale_settings(const EnvironmentFile& environment) {
  const auto number = [&](std::string_view key) { return environment.number(key); };
  return {.limits = size_limits(environment),
          .cpu_up_percent = static_cast<double>(number("scale_up_threshold")),
          .cpu_down_percent = static_cast<double>(number("scale_down_threshold")),
          .queue_age_s = static_cast<double>(number("autoscaling.queue_age_s")),
          .latency_ms = static_cast<double>(number("autoscaling.latency_ms")),
          .api_up = static_cast<int>(number("scale_up_adjustment")),
          .api_down = static_cast<int>(-number("scale_down_adjustment")),
          .interval = std::chrono::seconds(number("autoscaling.interval_s")),
          .up_cooldown = std::chrono::seconds(number("autoscaling.scale_up_cooldown_s")),
          .down_cooldown = std::chrono::seconds(number("autoscaling.scale_down_cooldown_s"))};
}

void remember(ScaleHistory& history, ScaleObservation observation, const ScaleSettings& settings) {
  // What was seen while an operation changed things, or with other sizes, says nothing of these.
  const bool counts = observation.paused_by.empty();
  if (!counts || (!history.recent.empty() && history.recent.back().sizes != observation.sizes)) {
    if (!history.recent.empty() && history.recent.back().sizes != observation.sizes)
      history.changed_at = observation.at;
    history.recent.clear();
  }
  if (!counts) return;
  // One from before the cool-down stays: it shows that the cool-down was watched as a whole.
  const auto old = [&](const ScaleObservation& seen) {
    return observation.at - seen.at > settings.down_cooldown;
  };
  while (history.recent.size() > 1 && old(history.recent[1]))
    history.recent.erase(history.recent.begin());
  history.recent.push_back(std::move(observation));
}

ScaleDecision decide_scale(const ScaleObservation& now, const ScaleSettings& settings,
                           const ScaleHistory& history) {
  if (!now.paused_by.empty()) return {now.sizes, "paused: " + now.paused_by + " is under way"};
  if (cooled_down(now, history, settings.up_cooldown)) {
    const PlatformSizes grown{grown_api(now, settings, history),
                              grown_workers(now, settings, history)};
    if (grown.api != now.sizes.api) return {{grown.api, grown.workers}, api_facts(now)};
    if (grown.workers != now.sizes.workers)
      return {grown, "executions wait for " + known(now.queue_age_s, " s")};
  }
  if (cooled_down(now, history, settings.down_cooldown)) {
    const PlatformSizes shrunk{shrunk_api(now, settings, history),
                               shrunk_workers(now, settings, history)};
    if (shrunk != now.sizes)
      return {shrunk,
              fmt::format("calm for {} s: {}, executions wait for {}",
                          std::chrono::floor<std::chrono::seconds>(settings.down_cooldown).count(),
                          api_facts(now), known(now.queue_age_s, " s"))};
  }
  return {now.sizes, fmt::format("nothing to change: {}, executions wait for {}", api_facts(now),
                                 known(now.queue_age_s, " s"))};
}

}  // namespace auterity::operations
