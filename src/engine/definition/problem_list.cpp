#include "engine/definition/problem_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/quoted.h"

namespace auterity::engine {
namespace {

constexpr std::size_t kLongestPointer = 1024;

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

std::string quoted(std::string_view text) { return auterity::quoted(text); }

std::string to_text(const Problem& problem, std::string_view file) {
  return fmt::format("{}:{}: {}: {}", file, problem.line,
                     problem.pointer.empty() ? "/" : problem.pointer, problem.message);
}

}  // namespace auterity::engine
