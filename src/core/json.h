#pragma once
// JSON values everywhere in the project are Boost.JSON's. This header adds what the library lacks:
// parsing with limits and a position in the message, JSON pointers (RFC 6901) and a canonical form
// for hashing. Nothing here throws.
#include <boost/json/fwd.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "core/error.h"

namespace auterity {

using Json = boost::json::value;
using JsonObject = boost::json::object;
using JsonArray = boost::json::array;

struct JsonLimits {
  std::size_t max_bytes = 8 * 1024 * 1024;
  std::size_t max_depth = 128;
};

// invalid_input with "line L, column C" when the text is not one JSON document; too_large over
// max_bytes.
Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

// Compact text. Doubles that are whole numbers below 2^53 print as integers ("1", not "1E0"), as jq
// does.
std::string to_text(const Json& value);
// The same at the end of `text`.
void append_text(std::string& text, const Json& value);
// A string of JSON: quoted and escaped.
void append_text(std::string& text, std::string_view string);
// Two spaces of indent, for people.
std::string to_pretty_text(const Json& value);
// Keys sorted, no spaces: equal documents have equal text whatever their key order (RFC 8785 in
// spirit).
std::string to_canonical_text(const Json& value);

// Follows an RFC 6901 pointer; nullptr when any part is missing.
const Json* find_pointer(const Json& value, std::string_view pointer);
// Escapes one reference token: "~" to "~0", "/" to "~1".
std::string escape_pointer_token(std::string_view token);

// The member, or nullptr when `value` is no object or lacks it.
const Json* find_member(const Json& value, std::string_view key);
std::string_view string_or(const Json* value, std::string_view fallback);

}  // namespace auterity
