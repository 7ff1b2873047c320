#include "core/spelling.h"

#include <algorithm>
#include <numeric>

namespace auterity {
namespace {

std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

const std::string* find_similar(std::string_view wrong, const std::vector<std::string>& words) {
  const std::string* best = nullptr;
  std::size_t best_distance = std::max<std::size_t>(wrong.size() / 3, 2) + 1;
  if (wrong.size() < 3 || wrong.size() > 64) return nullptr;
  for (const std::string& word : words)
    if (word.starts_with(wrong)) return &word;
  for (const std::string& word : words) {
    const std::size_t distance = edit_distance(wrong, word);
    if (distance < best_distance) {
      best = &word;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace auterity
