#include "engine/definition/problem_list.h"

#include <fmt/format.h>

#include <algorithm>

namespace auterity::engine {
namespace {

constexpr std::size_t kLongestPointer = 1024;
constexpr std::size_t kLongestQuote = 80;

// Cuts at a character's boundary.
std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace

void ProblemList::add(int line, std::string pointer, std::string message) {
  if (full()) return;
  const auto place = std::ranges::upper_bound(problems_, line, {}, &Problem::line);
  problems_.insert(place, {line, shortened(pointer, kLongestPointer), std::move(message)});
}

void ProblemList::add(const Node& node, std::string message) {
  if (full()) return;
  add(node.line(), node.pointer(), std::move(message));
}

std::string quoted(std::string_view text) {
  std::string result = shortened(text, kLongestQuote);
  for (char& c : result)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return "'" + result + "'";
}

std::string to_text(const Problem& problem, std::string_view file) {
  return fmt::format("{}:{}: {}: {}", file, problem.line,
                     problem.pointer.empty() ? "/" : problem.pointer, problem.message);
}

}  // namespace auterity::engine
