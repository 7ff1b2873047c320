#include "data/objects/object_key.h"

#include <algorithm>
#include <string>

namespace auterity::data {
namespace {

constexpr std::size_t kMaxKeyBytes = 512;
constexpr std::size_t kMaxSegmentBytes = 255;  // a file's name

bool is_allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-' || c == '/';
}

bool is_segment(std::string_view segment) {
  return !segment.empty() && segment.size() <= kMaxSegmentBytes && segment != "." &&
         segment != "..";
}

std::unexpected<Error> refuse(std::string_view what) {
  return fail(
      ErrorKind::invalid_input, std::string(what) + " of an object is malformed",
      "use letters, digits, '.', '_', '-' and '/', at most 512 bytes, without empty, '.' or "
      "'..' segments");
}

}  // namespace

Status check_object_key(std::string_view key) {
  if (key.size() > kMaxKeyBytes || !std::ranges::all_of(key, is_allowed)) return refuse("the key");
  for (auto rest = key;;) {
    const auto slash = rest.find('/');
    if (!is_segment(rest.substr(0, slash))) return refuse("the key");
    if (slash == std::string_view::npos) return {};
    rest.remove_prefix(slash + 1);
  }
}

Status check_object_prefix(std::string_view prefix) {
  // Whatever a last, open segment holds, some letter makes it a key.
  if (prefix.empty() || check_object_key(std::string(prefix) + "a")) return {};
  return refuse("the prefix");
}

}  // namespace auterity::data
