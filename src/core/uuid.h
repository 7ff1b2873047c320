#pragma once
// Identifiers of the whole project: UUID version 7 (RFC 9562), whose first 48 bits are milliseconds
// since the epoch, so that ids sort by creation and an id alone tells the time partition of its
// row.
#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/random.h"
#include "core/time.h"

namespace auterity {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;
  bool is_nil() const { return *this == Uuid{}; }
};

// Version 7 for `now`; the 74 other bits come from `random`.
Uuid make_uuid(Time now, Random& random);
// Millisecond of creation held in a version 7 id.
Time time_of(const Uuid& id);
// Lower-case 8-4-4-4-12.
std::string to_text(const Uuid& id);
// Accepts upper and lower case; nullopt for anything that is not 8-4-4-4-12.
std::optional<Uuid> parse_uuid(std::string_view text);

}  // namespace auterity

template <>
struct std::hash<auterity::Uuid> {
  std::size_t operator()(const auterity::Uuid& id) const noexcept {
    std::uint64_t low = 0;
    for (int i = 8; i < 16; ++i) low = low << 8 | id.bytes[static_cast<std::size_t>(i)];
    return static_cast<std::size_t>(low);
  }
};
