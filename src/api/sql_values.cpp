#include "api/sql_values.h"

#include <cassert>
#include <charconv>

namespace auterity::api {

std::int64_t read_integer(const data::Rows& rows, std::size_t row, std::size_t column) {
  const std::string_view text = rows.text(row, column);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  assert(error == std::errc() && end == text.data() + text.size() && "the column is an integer");
  return value;
}

Time read_time(const data::Rows& rows, std::size_t row, std::size_t column) {
  return from_epoch_microseconds(read_integer(rows, row, column));
}

std::optional<Time> read_optional_time(const data::Rows& rows, std::size_t row,
                                       std::size_t column) {
  if (rows.is_null(row, column)) return std::nullopt;
  return read_time(rows, row, column);
}

Uuid read_uuid(const data::Rows& rows, std::size_t row, std::size_t column) {
  const auto id = parse_uuid(rows.text(row, column));
  assert(id && "the column is a uuid");
  return *id;
}

std::string read_text(const data::Rows& rows, std::size_t row, std::size_t column) {
  return std::string(rows.text(row, column));
}

data::SqlParameter sql_time(std::optional<Time> time) {
  if (!time) return std::nullopt;
  return to_rfc3339(*time);
}

}  // namespace auterity::api
