#include "core/semantic_version.h"

#include <algorithm>

namespace auterity {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_identifier_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}
bool is_numeric(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}
bool has_leading_zero(std::string_view text) { return text.size() > 1 && text.front() == '0'; }

// Numbers without leading zeros: the longer is the larger.
std::weak_ordering compare_numbers(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return left.size() <=> right.size();
  return left.compare(right) <=> 0;
}

std::weak_ordering compare_identifiers(std::string_view left, std::string_view right) {
  const bool left_is_number = is_numeric(left), right_is_number = is_numeric(right);
  if (left_is_number && right_is_number) return compare_numbers(left, right);
  if (left_is_number != right_is_number)
    return left_is_number ? std::weak_ordering::less : std::weak_ordering::greater;
  return left.compare(right) <=> 0;
}

// "a.b.c" with each part an identifier; nullopt otherwise.
std::optional<std::vector<std::string>> split_identifiers(std::string_view text,
                                                          bool refuse_leading_zeros) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    const std::string_view part = text.substr(0, dot);
    if (part.empty() || !std::ranges::all_of(part, is_identifier_character)) return std::nullopt;
    if (refuse_leading_zeros && is_numeric(part) && has_leading_zero(part)) return std::nullopt;
    parts.emplace_back(part);
    if (dot == text.size()) return parts;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace

std::weak_ordering SemanticVersion::operator<=>(const SemanticVersion& other) const {
  for (const auto part :
       {&SemanticVersion::major, &SemanticVersion::minor, &SemanticVersion::patch})
    if (const auto order = compare_numbers(this->*part, other.*part); order != 0) return order;
  if (prerelease.empty() != other.prerelease.empty())
    return prerelease.empty() ? std::weak_ordering::greater : std::weak_ordering::less;
  const std::size_t common = std::min(prerelease.size(), other.prerelease.size());
  for (std::size_t i = 0; i < common; ++i)
    if (const auto order = compare_identifiers(prerelease[i], other.prerelease[i]); order != 0)
      return order;
  return prerelease.size() <=> other.prerelease.size();
}

std::optional<SemanticVersion> parse_semantic_version(std::string_view text) {
  SemanticVersion version;
  if (const std::size_t plus = text.find('+'); plus != std::string_view::npos) {
    const std::string_view build = text.substr(plus + 1);
    if (!split_identifiers(build, false)) return std::nullopt;
    version.build = build;
    text = text.substr(0, plus);
  }
  if (const std::size_t dash = text.find('-'); dash != std::string_view::npos) {
    auto identifiers = split_identifiers(text.substr(dash + 1), true);
    if (!identifiers) return std::nullopt;
    version.prerelease = std::move(*identifiers);
    text = text.substr(0, dash);
  }
  const auto numbers = split_identifiers(text, true);
  if (!numbers || numbers->size() != 3 || !std::ranges::all_of(*numbers, is_numeric))
    return std::nullopt;
  version.major = (*numbers)[0];
  version.minor = (*numbers)[1];
  version.patch = (*numbers)[2];
  return version;
}

}  // namespace auterity
