#pragma once
// "Did you mean": the nearest of the words that would have been right.
#include <string>
#include <string_view>
#include <vector>

namespace auterity {

// The first word that begins with `wrong`, else the one with the smallest edit distance if that is
// at most a third of the length of `wrong` (2 for short ones); nullptr otherwise.
const std::string* find_similar(std::string_view wrong, const std::vector<std::string>& words);

}  // namespace auterity
