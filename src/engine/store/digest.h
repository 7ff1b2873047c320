#pragma once
// SHA-256 (FIPS 180-4) of a text.
#include <string>
#include <string_view>

namespace auterity::engine {

// 64 lower-case hex digits.
std::string sha256_hex(std::string_view text);

}  // namespace auterity::engine
