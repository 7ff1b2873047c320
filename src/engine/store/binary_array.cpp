#include "engine/store/binary_array.h"

#include <bit>
#include <cassert>
#include <utility>

namespace auterity::engine {
namespace {

// Dimensions, whether there are nulls, the element's type, the length and lower bound of the one
// dimension: four bytes each, the highest first, as everything on PostgreSQL's wire.
constexpr std::size_t kHeader = 20;
constexpr std::size_t kDimensionless = 12;  // of an empty array

// PostgreSQL counts from 2000-01-01.
constexpr Time kPostgresEpoch{std::chrono::sys_days(std::chrono::year(2000) / 1 / 1)};

std::uint32_t to_wire(std::uint32_t number) {
  return std::endian::native == std::endian::little ? __builtin_bswap32(number) : number;
}
std::uint64_t to_wire(std::uint64_t number) {
  return std::endian::native == std::endian::little ? __builtin_bswap64(number) : number;
}

void put(std::string& bytes, std::size_t at, std::uint32_t number) {
  const std::uint32_t wire = to_wire(number);
  bytes.replace(at, sizeof wire, reinterpret_cast<const char*>(&wire), sizeof wire);
}

}  // namespace

BinaryArray::BinaryArray(ElementType type) : type_(type), bytes_(kHeader, '\0') {}

void BinaryArray::append(std::uint32_t number) {
  const std::uint32_t wire = to_wire(number);
  bytes_.append(reinterpret_cast<const char*>(&wire), sizeof wire);
}

void BinaryArray::append_wide(std::uint64_t number) {
  const std::uint64_t wire = to_wire(number);
  bytes_.append(reinterpret_cast<const char*>(&wire), sizeof wire);
}

void BinaryArray::begin_element(ElementType type, std::size_t bytes) {
  assert(type == type_ && "an element of another type than the column's");
  ++count_;
  append(static_cast<std::uint32_t>(bytes));
}

void BinaryArray::add(std::string_view text) {
  begin_element(ElementType::text, text.size());
  bytes_.append(text);
}

void BinaryArray::add(const std::optional<std::string>& text) {
  text ? add(std::string_view(*text)) : add_null();
}

void BinaryArray::add(std::int64_t number) {
  begin_element(ElementType::bigint, sizeof number);
  append_wide(static_cast<std::uint64_t>(number));
}

void BinaryArray::add(const Uuid& id) {
  begin_element(ElementType::uuid, id.bytes.size());
  bytes_.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

void BinaryArray::add(Time time) {
  begin_element(ElementType::timestamptz, sizeof(std::int64_t));
  append_wide(static_cast<std::uint64_t>(Duration(time - kPostgresEpoch).count()));
}

void BinaryArray::add(std::optional<Time> time) { time ? add(*time) : add_null(); }

void BinaryArray::add_null() {
  ++count_;
  nulls_ = true;
  append(0xffffffff);  // the length -1
}

std::string BinaryArray::take() {
  std::string bytes = std::exchange(bytes_, std::string(kHeader, '\0'));
  put(bytes, 0, count_ > 0 ? 1 : 0);
  put(bytes, 4, nulls_ ? 1 : 0);
  put(bytes, 8, static_cast<std::uint32_t>(type_));
  if (count_ == 0) bytes.resize(kDimensionless);
  if (count_ > 0) {
    put(bytes, 12, count_);
    put(bytes, 16, 1);
  }
  count_ = 0;
  nulls_ = false;
  return bytes;
}

}  // namespace auterity::engine
