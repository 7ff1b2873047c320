#include "operations/prove/proof_report.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <iterator>

namespace auterity::operations {
namespace {

constexpr std::size_t kMostProblems = 20;
constexpr double kAsAsked = 0.99;  // a rate this close to the one asked for was reached

double milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

JsonObject requests_document(const ProofReport& report) {
  JsonObject statuses;
  for (const auto& [status, count] : report.statuses) statuses[std::to_string(status)] = count;
  return {{"unanswered", report.unanswered},
          {"failed", report.failed},
          {"unexpected", report.unexpected},
          {"statuses", std::move(statuses)}};
}

}  // namespace

void ProofReport::add_problem(std::string text) {
  const bool known = problems.contains(text) || problems.size() < kMostProblems;
  ++problems[known ? std::move(text) : "others"];
}

std::uint64_t ProofReport::lost() const {
  return unanswered + failed + unexpected + executions.lost + uploads.lost + streams.lost;
}

std::uint64_t ProofReport::duplicated() const { return executions.duplicated + streams.duplicated; }

double ProofReport::reached_per_second() const {
  return lasted > Duration{} ? static_cast<double>(answered) / seconds(lasted) : 0;
}

JsonObject to_json(const ProofReport& report) {
  JsonObject problems;
  for (const auto& [text, count] : report.problems) problems[text] = count;
  JsonArray left;
  for (const std::string& text : report.left) left.emplace_back(text);
  return {
      {"asked_per_second", report.asked_per_second},
      {"reached_per_second", report.reached_per_second()},
      {"lasted_seconds", seconds(report.lasted)},
      {"sent", report.sent},
      {"answered", report.answered},
      {"lost", report.lost()},
      {"duplicated", report.duplicated()},
      {"retried", report.retried},
      {"refused", report.refused},
      {"p50_ms", milliseconds(report.latency.percentile(0.5))},
      {"p99_ms", milliseconds(report.latency.percentile(0.99))},
      {"max_ms", milliseconds(report.latency.most())},
      {"requests", requests_document(report)},
      {"executions",
       {{"acknowledged", report.executions.acknowledged},
        {"lost", report.executions.lost},
        {"duplicated", report.executions.duplicated}}},
      {"uploads", {{"acknowledged", report.uploads.acknowledged}, {"lost", report.uploads.lost}}},
      {"streams",
       {{"followed", report.streams.followed},
        {"reopened", report.streams.reopened},
        {"cut", report.streams.cut},
        {"events", report.streams.events},
        {"lost", report.streams.lost},
        {"duplicated", report.streams.duplicated}}},
      {"unbalanced", report.unbalanced},
      {"clean", report.clean()},
      {"problems", std::move(problems)},
      {"left", std::move(left)}};
}

std::string to_text(const ProofReport& report) {
  std::string text;
  const auto line = [&text](std::string_view name, std::string value) {
    fmt::format_to(std::back_inserter(text), "  {:<11} {}\n", name, value);
  };
  const double reached = report.reached_per_second();
  text += fmt::format("load of {:.1f} s while it was deployed: {} lost, {} duplicated\n",
                      seconds(report.lasted), report.lost(), report.duplicated());
  line("rate",
       fmt::format("{:.0f} requests/s of the {} asked for{}", reached, report.asked_per_second,
                   reached < kAsAsked * report.asked_per_second ? ", which was not reached" : ""));
  line("requests", fmt::format("{} sent, {} answered; {} attempts without an answer, {} of 5xx, {} "
                               "unexpected, {} asked to slow down, {} repeated",
                               report.sent, report.answered, report.unanswered, report.failed,
                               report.unexpected, report.refused, report.retried));
  line("latency", fmt::format("p50 {:.1f} ms, p99 {:.1f} ms, max {:.1f} ms",
                              milliseconds(report.latency.percentile(0.5)),
                              milliseconds(report.latency.percentile(0.99)),
                              milliseconds(report.latency.most())));
  line("executions",
       fmt::format("{} acknowledged, {} lost, {} duplicated", report.executions.acknowledged,
                   report.executions.lost, report.executions.duplicated));
  line("uploads",
       fmt::format("{} acknowledged, {} lost", report.uploads.acknowledged, report.uploads.lost));
  line("streams",
       fmt::format("{} followed, {} times reopened ({} cut), {} events, {} lost, {} "
                   "duplicated",
                   report.streams.followed, report.streams.reopened, report.streams.cut,
                   report.streams.events, report.streams.lost, report.streams.duplicated));
  if (!report.unbalanced.empty()) line("unbalanced", report.unbalanced);
  for (const auto& [problem, count] : report.problems)
    line("problem", fmt::format("{} × {}", count, problem));
  for (const std::string& what : report.left) line("left", what);
  return text;
}

}  // namespace auterity::operations
