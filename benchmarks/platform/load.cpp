#include "load.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>

namespace auterity::benchmark {
namespace {

// The number that follows `label`, with the rest of its word in `unit`.
std::optional<double> number_after(std::string_view report, std::string_view label,
                                   std::string_view* unit = nullptr) {
  const std::size_t at = report.find(label);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = report.substr(at + label.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(" "), rest.size()));
  double number = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (error != std::errc{}) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  if (unit != nullptr) *unit = rest.substr(0, rest.find_first_of(" \n,"));
  return number;
}

std::optional<double> milliseconds_after(std::string_view report, std::string_view label) {
  std::string_view unit;
  const auto number = number_after(report, label, &unit);
  if (!number) return std::nullopt;
  if (unit == "us") return *number / 1000;
  if (unit == "ms") return *number;
  if (unit == "s") return *number * 1000;
  return std::nullopt;
}

}  // namespace

Result<LoadResult> parse_wrk_report(std::string_view report) {
  const auto rate = number_after(report, "Requests/sec:");
  // The lines above the distribution hold percentages, too ("57.50%").
  const std::string_view distribution =
      report.substr(std::min(report.find("Latency Distribution"), report.size()));
  const auto p50 = milliseconds_after(distribution, "50%");
  const auto p99 = milliseconds_after(distribution, "99%");
  if (!rate || !p50 || !p99)
    return fail(ErrorKind::failed, "wrk printed no report",
                "run it by hand against the same address");
  LoadResult result{.requests_a_second = *rate, .p50_ms = *p50, .p99_ms = *p99};
  result.errors += static_cast<long>(number_after(report, "Non-2xx or 3xx responses:").value_or(0));
  if (report.find("Socket errors:") != std::string_view::npos)
    for (const char* kind : {"connect", "read", "write", "timeout"})
      result.errors += static_cast<long>(
          number_after(report.substr(report.find("Socket errors:")), kind).value_or(0));
  return result;
}

Async<Result<LoadResult>> run_load(Processes& processes, LoadRequest request) {
  std::vector<std::string> arguments{"wrk", "--latency", "-t1",
                                     fmt::format("-c{}", request.connections),
                                     fmt::format("-d{}s", request.seconds)};
  const std::filesystem::path script =
      std::filesystem::temp_directory_path() / fmt::format("auterity-wrk-{}.lua", ::getpid());
  if (!request.script.empty()) {
    std::ofstream(script) << request.script;
    arguments.push_back("-s");
    arguments.push_back(script.string());
  }
  arguments.push_back(request.url);
  const auto outcome = co_await processes.run(
      {.arguments = arguments, .timeout = std::chrono::seconds(request.seconds + 30)});
  std::error_code ignored;
  std::filesystem::remove(script, ignored);
  if (!outcome) co_return std::unexpected(outcome.error());
  auto result = parse_wrk_report(outcome->output);
  if (!result)
    co_return std::unexpected(
        std::move(result.error()).within(outcome->output + outcome->error_output));
  co_return result;
}

}  // namespace auterity::benchmark
