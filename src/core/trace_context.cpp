#include "core/trace_context.h"

#include <algorithm>
#include <span>

namespace auterity {
namespace {

void append_hex(std::string& out, std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const std::uint8_t byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 0x0f];
  }
}

// The standard wants lower case.
int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool read_hex(std::string_view text, std::span<std::uint8_t> bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

bool all_zero(std::span<const std::uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

std::string TraceContext::traceparent() const {
  std::string out = "00-";
  append_hex(out, trace_id);
  out += '-';
  append_hex(out, span_id);
  out += '-';
  append_hex(out, std::span(&flags, 1));
  return out;
}

std::string TraceContext::trace_id_text() const {
  std::string out;
  append_hex(out, trace_id);
  return out;
}

TraceContext TraceContext::child(Random& random) const {
  TraceContext context = *this;
  do random.fill(context.span_id);
  while (all_zero(context.span_id));
  return context;
}

std::optional<TraceContext> parse_traceparent(std::string_view header) {
  constexpr std::size_t kLength = 55;  // 2 + 1 + 32 + 1 + 16 + 1 + 2
  if (header.size() < kLength || header[2] != '-' || header[35] != '-' || header[52] != '-')
    return std::nullopt;
  std::uint8_t version = 0;
  TraceContext context;
  if (!read_hex(header.substr(0, 2), std::span(&version, 1)) || version == 0xff)
    return std::nullopt;
  if (version == 0 ? header.size() != kLength : header.size() > kLength && header[kLength] != '-')
    return std::nullopt;
  if (!read_hex(header.substr(3, 32), context.trace_id) ||
      !read_hex(header.substr(36, 16), context.span_id) ||
      !read_hex(header.substr(53, 2), std::span(&context.flags, 1)))
    return std::nullopt;
  if (all_zero(context.trace_id) || all_zero(context.span_id)) return std::nullopt;
  return context;
}

TraceContext new_trace(Random& random) {
  TraceContext context;
  do random.fill(context.trace_id);
  while (all_zero(context.trace_id));
  context.flags = 1;
  return context.child(random);
}

}  // namespace auterity
