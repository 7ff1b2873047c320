#pragma once
// Values inside URLs of tests.
#include <string>

namespace auterity::harness {

// Everything but letters and digits as %XX.
std::string percent_encoded(const std::string& text);

}  // namespace auterity::harness
