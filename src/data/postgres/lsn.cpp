#include "data/postgres/lsn.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace auterity::data {
namespace {

constexpr std::size_t kDigits = 8;
constexpr std::string_view kHistory = ".history";
constexpr std::uint64_t kSegmentsOfFile = (std::uint64_t{1} << 32) / kWalSegmentBytes;

std::optional<std::uint32_t> parse_hexadecimal(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (text.empty() || text.size() > kDigits || error != std::errc{} ||
      end != text.data() + text.size())
    return std::nullopt;
  return number;
}

// As PostgreSQL writes them: all eight digits, capitals.
std::optional<std::uint32_t> parse_name_part(std::string_view text) {
  const bool written_so = text.size() == kDigits && std::ranges::all_of(text, [](char c) {
                            return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
                          });
  return written_so ? parse_hexadecimal(text) : std::nullopt;
}

}  // namespace

std::optional<Lsn> Lsn::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto high = parse_hexadecimal(text.substr(0, slash));
  const auto low = parse_hexadecimal(text.substr(slash + 1));
  if (!high || !low) return std::nullopt;
  return Lsn((std::uint64_t{*high} << 32) | *low);
}

std::string Lsn::text() const {
  return fmt::format("{:X}/{:X}", value_ >> 32, value_ & 0xFFFFFFFF);
}

std::string segment_name(Timeline timeline, Lsn lsn) {
  const auto number = lsn.value() / kWalSegmentBytes;
  return fmt::format("{:08X}{:08X}{:08X}", timeline, number / kSegmentsOfFile,
                     number % kSegmentsOfFile);
}

std::string timeline_name(Timeline timeline) { return fmt::format("{:08X}", timeline); }

std::string history_name(Timeline timeline) {
  return timeline_name(timeline) + std::string(kHistory);
}

std::optional<SegmentPosition> parse_segment_name(std::string_view name) {
  if (name.size() != 3 * kDigits) return std::nullopt;
  const auto timeline = parse_name_part(name.substr(0, kDigits));
  const auto file = parse_name_part(name.substr(kDigits, kDigits));
  const auto segment = parse_name_part(name.substr(2 * kDigits));
  if (!timeline || *timeline == 0 || !file || !segment || *segment >= kSegmentsOfFile)
    return std::nullopt;
  return SegmentPosition{*timeline, Lsn((*file * kSegmentsOfFile + *segment) * kWalSegmentBytes)};
}

std::optional<Timeline> parse_history_name(std::string_view name) {
  if (!name.ends_with(kHistory)) return std::nullopt;
  return parse_name_part(name.substr(0, name.size() - kHistory.size()));
}

}  // namespace auterity::data
