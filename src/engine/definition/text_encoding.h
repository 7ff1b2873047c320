#pragma once
// Checks of a document's bytes before any reader sees them.
#include <optional>
#include <string_view>

namespace auterity::engine {

// Offset of the first byte that is not well-formed UTF-8 (RFC 3629: no overlong forms, no
// surrogates).
std::optional<std::size_t> find_invalid_utf8(std::string_view text);
// Offset of the first control character that neither YAML nor JSON allows (all but tab, line feed,
// carriage return).
std::optional<std::size_t> find_control_character(std::string_view text);
// 1-based line of an offset.
int line_of(std::string_view text, std::size_t offset);

}  // namespace auterity::engine
