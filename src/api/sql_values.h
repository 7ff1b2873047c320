#pragma once
// Between values and PostgreSQL's text form, for this module's stores. Times are read as
// microseconds since the epoch: (extract(epoch FROM column) * 1000000)::bigint.
#include <optional>
#include <string>

#include "core/time.h"
#include "core/uuid.h"
#include "data/database.h"

namespace auterity::api {

std::int64_t read_integer(const data::Rows& rows, std::size_t row, std::size_t column);
Time read_time(const data::Rows& rows, std::size_t row, std::size_t column);
std::optional<Time> read_optional_time(const data::Rows& rows, std::size_t row, std::size_t column);
Uuid read_uuid(const data::Rows& rows, std::size_t row, std::size_t column);
std::string read_text(const data::Rows& rows, std::size_t row, std::size_t column);
data::SqlParameter sql_time(std::optional<Time> time);

}  // namespace auterity::api
