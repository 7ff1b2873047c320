#pragma once
// Plain (unquoted) scalars by the core schema of YAML 1.2
// (https://yaml.org/spec/1.2.2/#103-core-schema): null, true/false, decimal, 0o and 0x integers,
// decimals. Everything else is text: `yes`, `no`, `on`, `off`, `1_000` and dates are.
#include <expected>
#include <string>
#include <string_view>

#include "core/json.h"

namespace auterity::engine {

// The value, or what to write instead when it is a number that JSON cannot hold (.inf, .nan, out of
// range).
std::expected<Json, std::string> resolve_plain_scalar(std::string_view text);

}  // namespace auterity::engine
