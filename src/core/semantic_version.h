#pragma once
// Semantic versions (https://semver.org, 2.0.0): what releases and `document.version` are, and how
// the newest of several is found.
#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auterity {

struct SemanticVersion {
  // Decimal digits without leading zeros: the standard sets no upper bound.
  std::string major, minor, patch;
  std::vector<std::string> prerelease;  // identifiers; empty for a release
  std::string build;                    // takes no part in the order

  // Precedence (section 11); versions that differ in build metadata alone are equivalent.
  std::weak_ordering operator<=>(const SemanticVersion& other) const;
  bool operator==(const SemanticVersion& other) const { return (*this <=> other) == 0; }
};

// nullopt when `text` is no semantic version.
std::optional<SemanticVersion> parse_semantic_version(std::string_view text);

}  // namespace auterity
