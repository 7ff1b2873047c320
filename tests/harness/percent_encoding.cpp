#include "harness/percent_encoding.h"

#include <fmt/format.h>

#include <cctype>

namespace auterity::harness {

std::string percent_encoded(const std::string& text) {
  std::string encoded;
  for (unsigned char c : text) {
    if (std::isalnum(c))
      encoded += static_cast<char>(c);
    else
      encoded += fmt::format("%{:02X}", c);
  }
  return encoded;
}

}  // namespace auterity::harness
