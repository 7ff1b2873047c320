#include "operations/scale/scale_signals.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "operations/deploy/request_log.h"
#include "operations/journal/file_lock.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kQueueAge = "workflow_queue_age_seconds";
constexpr std::size_t kMostLog_bytes = 64 << 20;

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// strtod's grammar without its locale.
std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return value;
}

bool takes_its_time(std::string_view line) {
  return line.contains("/execute\"") || line.contains("/events\"");
}

}  // namespace

std::optional<double> cpu_seconds(std::string_view stat, double ticks_per_second) {
  // The second field, the program's name in brackets, may hold anything; utime and stime are the
  // 14th and 15th.
  const std::size_t name_end = stat.rfind(") ");
  if (name_end == std::string_view::npos) return std::nullopt;
  stat.remove_prefix(name_end + 2);
  double ticks = 0;
  for (int field = 3; field <= 15; ++field) {
    const std::size_t end = std::min(stat.find(' '), stat.size());
    if (field >= 14) {
      const auto value = number(stat.substr(0, end));
      if (!value) return std::nullopt;
      ticks += *value;
    }
    stat.remove_prefix(std::min(end + 1, stat.size()));
  }
  return ticks / ticks_per_second;
}

std::optional<double> queue_age(std::string_view metrics) {
  std::optional<double> oldest;
  while (!metrics.empty()) {
    const std::string_view line = take_line(metrics);
    if (!line.starts_with(kQueueAge)) continue;
    const auto value = number(line.substr(line.rfind(' ') + 1));
    if (value) oldest = std::max(oldest.value_or(0), *value);
  }
  return oldest;
}

double p95_latency_ms(std::string_view log, Time since) {
  std::vector<double> answers;
  while (!log.empty()) {
    const std::string_view line = take_line(log);
    if (takes_its_time(line)) continue;
    const auto record = parse_request_line(line);
    if (record && record->accepted_at >= since && !pool_of(record->server).empty() &&
        record->response_ms >= 0)
      answers.push_back(record->response_ms);
  }
  if (answers.empty()) return 0;
  const std::size_t rank = answers.size() * 95 / 100;
  const auto at = answers.begin() + static_cast<std::ptrdiff_t>(std::min(rank, answers.size() - 1));
  std::ranges::nth_element(answers, at);
  return *at;
}

Async<Result<ScaleObservation>> ScaleSignals::observe() {
  AUTERITY_CO_TRY(platform, load_platform(context_, false));
  ScaleObservation seen;
  seen.at = context_.clock.now();
  seen.sizes = {platform.pool().replicas, platform.pool().workers};
  FileLock lock(context_.files, context_.clock, context_.layout.operations());
  if (const auto lease = lock.peek(); lease && lock.is_held())
    seen.paused_by = lease->operation;
  else if (platform.pools.size() > 1)
    seen.paused_by = "deploy";
  seen.cpu_percent = co_await observe_cpu(platform);
  seen.queue_age_s = co_await observe_queue(platform);
  seen.p95_latency_ms = observe_latency(platform);
  co_return seen;
}

Async<std::optional<double>> ScaleSignals::observe_cpu(local::Platform platform) {
  auto supervisor = supervisor_of(context_, platform);
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  std::map<int, Measured> now;
  double sum = 0;
  int known = 0;
  for (const std::string& service : platform.pool().api_names()) {
    const auto state = co_await supervisor.state(service);
    if (!state || !state->up) continue;
    const auto stat = context_.files.read(fmt::format("/proc/{}/stat", state->pid));
    const auto used = stat ? cpu_seconds(*stat, ticks) : std::nullopt;
    if (!used) continue;
    const Measured measured{context_.clock.monotonic(), *used};
    now.emplace(state->pid, measured);
    const auto before = processes_.find(state->pid);
    if (before == processes_.end() || measured.at <= before->second.at) continue;
    const std::chrono::duration<double> span = measured.at - before->second.at;
    sum += 100 * (measured.cpu_s - before->second.cpu_s) / span.count();
    ++known;
  }
  processes_ = std::move(now);
  if (known == 0) co_return std::nullopt;
  co_return sum / known;
}

Async<std::optional<double>> ScaleSignals::observe_queue(local::Platform platform) {
  HttpRequest request;
  request.url = platform.local_url() + "/metrics";
  request.timeout = std::chrono::seconds(5);
  const auto answer = co_await context_.http.send(std::move(request));
  if (!answer || answer->status != 200) co_return std::nullopt;
  co_return queue_age(answer->body);
}

std::optional<double> ScaleSignals::observe_latency(const local::Platform& platform) {
  const Time now = context_.clock.now();
  const auto since = std::exchange(looked_at_, now);
  if (!since) return std::nullopt;
  const auto log = context_.files.read(platform.layout.logs() / "haproxy/current", kMostLog_bytes);
  if (!log) return std::nullopt;
  return p95_latency_ms(*log, *since);
}

}  // namespace auterity::operations
