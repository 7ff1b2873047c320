#pragma once
// "did you mean": the known word nearest to a mistyped one.
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace auterity::engine {

// The nearest of `known` (Damerau-Levenshtein; at most one mistake in three letters, two in longer
// words, letter case ignored).
std::optional<std::string_view> find_nearest(std::string_view word,
                                             std::span<const std::string_view> known);

// "; did you mean 'x'?" or, when nothing is near, "; allowed here: a, b, c" (a few of them).
std::string suggestion(std::string_view word, std::span<const std::string_view> known,
                       std::string_view introduction = "allowed here");

}  // namespace auterity::engine
