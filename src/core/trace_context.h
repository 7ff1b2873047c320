#pragma once
// W3C Trace Context (https://www.w3.org/TR/trace-context/, level 1): one trace id per request or
// execution, a parent span id.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/random.h"

namespace auterity {

struct TraceContext {
  std::array<std::uint8_t, 16> trace_id{};
  std::array<std::uint8_t, 8> span_id{};
  std::uint8_t flags = 0;  // bit 0: sampled

  // "00-<32 hex>-<16 hex>-<2 hex>"
  std::string traceparent() const;
  std::string trace_id_text() const;
  // Same trace, a new span below this one.
  TraceContext child(Random& random) const;
};

// nullopt for anything malformed, all-zero ids or version ff; later versions are read by their
// first four fields.
std::optional<TraceContext> parse_traceparent(std::string_view header);
TraceContext new_trace(Random& random);

}  // namespace auterity
