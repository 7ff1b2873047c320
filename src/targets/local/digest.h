#pragma once
// SHA-256 as lower-case hexadecimal text, for knowing whether generated files are those that are
// running.
#include <string>
#include <string_view>

namespace auterity::local {

std::string sha256_hex(std::string_view bytes);

}  // namespace auterity::local
