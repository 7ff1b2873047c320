#include "core/quoted.h"

namespace auterity {
namespace {

constexpr std::size_t kLongestQuote = 80;

}  // namespace

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
  return std::string(text.substr(0, end)) + "…";
}

std::string quoted(std::string_view text) {
  std::string result = shortened(text, kLongestQuote);
  for (char& c : result)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return "'" + result + "'";
}

}  // namespace auterity
