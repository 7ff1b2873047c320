#include "engine/definition/text_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/cron.h"
#include "core/semantic_version.h"
#include "core/time.h"
#include "engine/definition/duration.h"
#include "engine/definition/problem_list.h"
#include "engine/definition/uri_template.h"

namespace auterity::engine {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string to_message(const Error& error) {
  return error.hint.empty() ? error.message : fmt::format("{}; {}", error.message, error.hint);
}

}  // namespace

bool is_runtime_expression(std::string_view text) {
  text = trimmed(text);
  return text.size() > 3 && text.starts_with("${") && text.ends_with('}');
}

namespace grammar {

std::string check_not_empty(std::string_view text) {
  return trimmed(text).empty() ? "is empty; write a text or remove the field" : "";
}

std::string check_expression(std::string_view text) {
  return is_runtime_expression(text)
             ? ""
             : fmt::format("must be an expression; write for example '${{ {} }}'",
                           text.starts_with('.') && text.size() < 40 ? text : ".headers");
}

std::string check_dns_label(std::string_view text) {
  const auto is_edge = [](char c) { return is_letter(c) || is_digit(c); };
  const auto is_inner = [&](char c) { return is_edge(c) || c == '-'; };
  if (!text.empty() && text.size() <= 63 && is_edge(text.front()) && is_edge(text.back()) &&
      std::ranges::all_of(text, is_inner))
    return "";
  return fmt::format("{} is no DNS label; use 1 to 63 letters, digits and '-' (not first or last)",
                     quoted(text));
}

std::string check_version(std::string_view text) {
  return parse_semantic_version(text)
             ? ""
             : fmt::format("{} is no semantic version; write MAJOR.MINOR.PATCH, as in '1.0.0'",
                           quoted(text));
}

std::string check_dsl_version(std::string_view text) {
  if (std::string problem = check_version(text); !problem.empty()) return problem;
  return parse_semantic_version(text)->major == "1"
             ? ""
             : fmt::format("version {} of the DSL is not known here; write dsl: '1.0.3'",
                           quoted(text));
}

std::string check_duration_text(std::string_view text) {
  if (is_runtime_expression(text)) return "";
  const auto duration = parse_duration(text);
  return duration ? "" : to_message(duration.error());
}

std::string check_literal_uri(std::string_view text) {
  if (trimmed(text).starts_with("${")) return "must be a URI, not an expression";
  const auto status = check_uri_template(text);
  return status ? "" : to_message(status.error());
}

std::string check_uri(std::string_view text) {
  return is_runtime_expression(text) ? "" : check_literal_uri(text);
}

std::string check_cron(std::string_view text) {
  const auto schedule = CronSchedule::parse(text);
  return schedule ? "" : to_message(schedule.error());
}

std::string check_method(std::string_view text) {
  const bool fits = !text.empty() && text.size() <= 32 && std::ranges::all_of(text, [](char c) {
    return is_letter(c) || c == '-' || c == '_';
  });
  return fits ? "" : fmt::format("{} is no HTTP method; write for example get", quoted(text));
}

std::string check_host(std::string_view text) {
  const auto is_edge = [](char c) { return is_letter(c) || is_digit(c); };
  const auto is_inner = [&](char c) { return is_edge(c) || c == '-' || c == '.'; };
  const bool fits = !text.empty() && text.size() <= 63 && is_edge(text.front()) &&
                    is_edge(text.back()) && std::ranges::all_of(text, is_inner);
  return fits ? "" : fmt::format("{} is no host name; write for example localhost", quoted(text));
}

std::string check_language(std::string_view text) {
  return text == "jq"
             ? ""
             : fmt::format("the expression language {} is not known here; write jq", quoted(text));
}

std::string check_variable(std::string_view text) {
  // Arguments of every expression, and words that jq does not take behind '$'.
  constexpr std::string_view kTaken[] = {
      "context", "input",   "output",  "secrets", "authorization", "task",  "workflow", "runtime",
      "ENV",     "__loc__", "def",     "if",      "then",          "else",  "elif",     "end",
      "as",      "reduce",  "foreach", "try",     "catch",         "label", "import",   "include",
      "and",     "or"};
  // The evaluator's own variables begin with "__".
  if (text.starts_with("__") || std::ranges::find(kTaken, text) != std::end(kTaken))
    return fmt::format("{} is taken already; choose another name", quoted(text));
  const auto is_inner = [](char c) { return is_letter(c) || is_digit(c) || c == '_'; };
  if (!text.empty() && !is_digit(text.front()) && std::ranges::all_of(text, is_inner)) return "";
  return fmt::format("{} cannot be a variable; use letters, digits and '_', without '$'",
                     quoted(text));
}

std::string check_time(std::string_view text) {
  if (is_runtime_expression(text) || parse_rfc3339(text)) return "";
  return fmt::format("{} is no time; write it as RFC 3339, such as 2026-01-31T12:00:00Z",
                     quoted(text));
}

std::string check_json_pointer(std::string_view text) {
  if (is_runtime_expression(text) || text.empty() || text.starts_with('/')) return "";
  return fmt::format("{} is no JSON pointer; write it as /do/0/name", quoted(text));
}

}  // namespace grammar
}  // namespace auterity::engine
