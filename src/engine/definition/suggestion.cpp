#include "engine/definition/suggestion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace auterity::engine {
namespace {

constexpr std::size_t kLongestWord = 48;
constexpr std::size_t kMostWords = 1000;
constexpr std::size_t kMostShown = 12;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Optimal string alignment distance of two words of at most kLongestWord letters.
std::size_t distance(std::string_view left, std::string_view right) {
  using Row = std::array<std::size_t, kLongestWord + 1>;
  Row before_last{}, last{}, current{};
  for (std::size_t j = 0; j <= right.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const char a = lower(left[i - 1]), b = lower(right[j - 1]);
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + (a == b ? 0 : 1)});
      if (i > 1 && j > 1 && a == lower(right[j - 2]) && lower(left[i - 2]) == b)
        current[j] = std::min(current[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = current;
  }
  return last[right.size()];
}

}  // namespace

std::optional<std::string_view> find_nearest(std::string_view word,
                                             std::span<const std::string_view> known) {
  if (word.empty() || word.size() > kLongestWord) return std::nullopt;
  const std::size_t allowed = word.size() < 3 ? 0 : word.size() < 6 ? 1 : 2;
  std::optional<std::string_view> nearest;
  std::size_t least = allowed + 1;
  for (const std::string_view candidate : known.first(std::min(known.size(), kMostWords))) {
    if (candidate.empty() || candidate.size() > kLongestWord ||
        candidate.size() > word.size() + allowed || word.size() > candidate.size() + allowed)
      continue;
    const std::size_t mistakes = distance(word, candidate);
    if (mistakes < least) {
      least = mistakes;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> known,
                       std::string_view introduction) {
  if (const auto nearest = find_nearest(word, known))
    return fmt::format("; did you mean '{}'?", *nearest);
  if (known.empty()) return "";
  const auto shown = known.first(std::min(known.size(), kMostShown));
  return fmt::format("; {}: {}{}", introduction, fmt::join(shown, ", "),
                     shown.size() < known.size() ? ", …" : "");
}

}  // namespace auterity::engine
