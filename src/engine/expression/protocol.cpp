#include "engine/expression/protocol.h"

#include <bit>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <cstring>

namespace auterity::engine::protocol {

static_assert(std::endian::native == std::endian::little,
              "numbers are copied as they lie in memory");

void Writer::u32(std::uint32_t value) {
  body_.append(reinterpret_cast<const char*>(&value), sizeof value);
}
void Writer::i64(std::int64_t value) {
  body_.append(reinterpret_cast<const char*>(&value), sizeof value);
}
void Writer::f64(double value) {
  body_.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void Writer::text(std::string_view value) {
  u32(static_cast<std::uint32_t>(value.size()));
  body_.append(value);
}

bool Writer::value(const Json& value, std::size_t max_depth) {
  switch (value.kind()) {
    case boost::json::kind::null:
      tag(Tag::null);
      return true;
    case boost::json::kind::bool_:
      tag(value.get_bool() ? Tag::yes : Tag::no);
      return true;
    case boost::json::kind::int64:
      tag(Tag::integer);
      i64(value.get_int64());
      return true;
    case boost::json::kind::uint64:
      tag(Tag::number);
      f64(static_cast<double>(value.get_uint64()));
      return true;
    case boost::json::kind::double_:
      tag(Tag::number);
      f64(value.get_double());
      return true;
    case boost::json::kind::string:
      tag(Tag::text);
      text(value.get_string());
      return true;
    case boost::json::kind::array:
      if (max_depth == 0) return false;
      tag(Tag::array);
      u32(static_cast<std::uint32_t>(value.get_array().size()));
      for (const Json& element : value.get_array()) {
        if (!this->value(element, max_depth - 1)) return false;
      }
      return true;
    case boost::json::kind::object:
      break;
  }
  if (max_depth == 0) return false;
  tag(Tag::object);
  u32(static_cast<std::uint32_t>(value.get_object().size()));
  for (const auto& [key, member] : value.get_object()) {
    text(key);
    if (!this->value(member, max_depth - 1)) return false;
  }
  return true;
}

void Writer::patch_u32(std::size_t offset, std::uint32_t value) {
  std::memcpy(body_.data() + offset, &value, sizeof value);
}

std::string Writer::frame() && {
  patch_u32(0, static_cast<std::uint32_t>(body_.size() - header_bytes));
  return std::move(body_);
}

std::string_view Reader::take(std::size_t bytes) {
  if (!ok_ || bytes > rest_.size()) {
    ok_ = false;
    return {};
  }
  std::string_view taken = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return taken;
}

namespace {
template <typename T>
T number_from(std::string_view bytes) {
  T value{};
  if (bytes.size() == sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}
}  // namespace

std::uint8_t Reader::byte() { return number_from<std::uint8_t>(take(1)); }
std::uint32_t Reader::u32() { return number_from<std::uint32_t>(take(4)); }
std::int64_t Reader::i64() { return number_from<std::int64_t>(take(8)); }
double Reader::f64() { return number_from<double>(take(8)); }
std::string_view Reader::text() { return take(u32()); }

std::uint32_t Reader::count(std::size_t least_bytes) {
  std::uint32_t count = u32();
  if (count > rest_.size() / least_bytes) ok_ = false;
  return ok_ ? count : 0;
}

Json Reader::value(std::size_t max_depth) {
  switch (static_cast<Tag>(byte())) {
    case Tag::null:
      return nullptr;
    case Tag::no:
      return false;
    case Tag::yes:
      return true;
    case Tag::integer:
      return i64();
    case Tag::number: {
      double number = f64();
      if (!std::isfinite(number)) ok_ = false;
      return number;
    }
    case Tag::text:
      return Json(text());
    case Tag::array:
      return array(max_depth);
    case Tag::object:
      return object(max_depth);
  }
  ok_ = false;
  return nullptr;
}

Json Reader::array(std::size_t max_depth) {
  if (max_depth == 0) ok_ = false;
  std::uint32_t elements = count(1);
  JsonArray result;
  result.reserve(elements);
  for (std::uint32_t i = 0; i < elements && ok_; ++i) result.push_back(value(max_depth - 1));
  return result;
}

Json Reader::object(std::size_t max_depth) {
  if (max_depth == 0) ok_ = false;
  std::uint32_t members = count(5);
  JsonObject result;
  result.reserve(members);
  for (std::uint32_t i = 0; i < members && ok_; ++i) {
    std::string_view key = text();
    result.insert_or_assign(key, value(max_depth - 1));
  }
  return result;
}

std::uint32_t body_length(std::string_view header) { return number_from<std::uint32_t>(header); }

std::optional<std::vector<NotJq>> read_ready(std::string_view body) {
  Reader reader(body);
  if (reader.byte() != ready) return std::nullopt;
  std::vector<NotJq> problems(reader.count(8));
  for (NotJq& problem : problems) {
    problem.slot = reader.u32();
    problem.why = reader.text();
  }
  if (!reader.ok() || !reader.at_end()) return std::nullopt;
  return problems;
}

std::optional<Results> read_results(std::string_view body, std::size_t expected,
                                    std::size_t max_depth) {
  Reader reader(body);
  if (reader.byte() != results) return std::nullopt;
  Results answer;
  answer.retire = reader.byte() != 0;
  if (reader.count(2) != expected) return std::nullopt;
  answer.outcomes.resize(expected);
  for (Outcome& outcome : answer.outcomes) {
    outcome.status = static_cast<Status>(reader.byte());
    if (outcome.status == Status::value) {
      outcome.value = reader.value(max_depth);
    } else {
      outcome.why = reader.text();
    }
  }
  if (!reader.ok() || !reader.at_end()) return std::nullopt;
  return answer;
}

}  // namespace auterity::engine::protocol
