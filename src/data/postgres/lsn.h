#pragma once
// A position in PostgreSQL's write-ahead log, in bytes from its beginning, and the names of the
// files that hold it (https://www.postgresql.org/docs/15/wal-internals.html). Values only.
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auterity::data {

class Lsn {
 public:
  constexpr Lsn() = default;
  constexpr explicit Lsn(std::uint64_t value) : value_(value) {}
  // "16/B374D848": two hexadecimal numbers of 1 to 8 digits each, and nothing else.
  static std::optional<Lsn> parse(std::string_view text);
  std::string text() const;

  constexpr std::uint64_t value() const { return value_; }
  constexpr Lsn operator+(std::uint64_t bytes) const { return Lsn(value_ + bytes); }
  // From an earlier position to this one.
  constexpr std::uint64_t operator-(Lsn earlier) const { return value_ - earlier.value_; }
  friend constexpr auto operator<=>(Lsn, Lsn) = default;

 private:
  std::uint64_t value_ = 0;
};

// A history of the database: a recovery begins a new one.
using Timeline = std::uint32_t;

// The segment size that every platform has.
inline constexpr std::uint64_t kWalSegmentBytes = 16u << 20;

constexpr Lsn segment_start(Lsn lsn) {
  return Lsn(lsn.value() / kWalSegmentBytes * kWalSegmentBytes);
}
// "000000010000000A000000FF": the segment that `lsn` lies in.
std::string segment_name(Timeline timeline, Lsn lsn);
// "00000002.history".
std::string history_name(Timeline timeline);
// "00000001".
std::string timeline_name(Timeline timeline);

struct SegmentPosition {
  Timeline timeline = 0;
  Lsn start;
};
// Where a segment of that name begins; nullopt for any other text.
std::optional<SegmentPosition> parse_segment_name(std::string_view name);
// nullopt for what is no "XXXXXXXX.history".
std::optional<Timeline> parse_history_name(std::string_view name);

}  // namespace auterity::data
