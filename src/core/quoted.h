#pragma once
// Somebody else's text inside a message: cut to a length, without control characters.
#include <cstddef>
#include <string>
#include <string_view>

namespace auterity {

// At most `most` bytes and an ellipsis, cut at a character's boundary.
std::string shortened(std::string_view text, std::size_t most);

// 'text' in quotes, shortened when long; control characters become spaces.
std::string quoted(std::string_view text);

}  // namespace auterity
