#include "engine/definition/yaml_scalar.h"

#include <charconv>
#include <cmath>
#include <cstdint>

namespace auterity::engine {
namespace {

constexpr auto kOutOfRange =
    "this number does not fit (whole numbers have 64 bits, others are below 1.8e308); put it in "
    "quotes to keep it as text";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// How many digits stand at the front of `text`.
std::size_t digits(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  return count;
}

bool is_all(std::string_view text, auto predicate) {
  if (text.empty()) return false;
  for (const char c : text)
    if (!predicate(c)) return false;
  return true;
}

bool is_octal(char c) { return c >= '0' && c <= '7'; }
bool is_hexadecimal(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_decimal(std::string_view text) {
  const std::size_t whole = digits(text);
  text.remove_prefix(whole);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const std::size_t fraction = digits(text);
    if (whole == 0 && fraction == 0) return false;
    text.remove_prefix(fraction);
  } else if (whole == 0) {
    return false;
  }
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return is_all(text, is_digit);
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words)
    if (text == word) return true;
  return false;
}

std::expected<Json, std::string> resolve_integer(std::string_view text, int base, bool negative) {
  std::uint64_t magnitude = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), magnitude, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::unexpected(kOutOfRange);
  constexpr auto kMost = static_cast<std::uint64_t>(INT64_MAX);
  if (negative) {
    if (magnitude > kMost + 1) return std::unexpected(kOutOfRange);
    return Json(static_cast<std::int64_t>(0 - magnitude));
  }
  if (magnitude <= kMost) return Json(static_cast<std::int64_t>(magnitude));
  return Json(magnitude);
}

std::expected<Json, std::string> resolve_decimal(std::string_view text) {
  double value = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // from_chars reports underflow as out of range, too; such a number is zero to any reader.
  if (error == std::errc::result_out_of_range && text.find("e-") == std::string_view::npos &&
      text.find("E-") == std::string_view::npos)
    return std::unexpected(kOutOfRange);
  if (!std::isfinite(value)) return std::unexpected(kOutOfRange);
  return Json(value);
}

}  // namespace

std::expected<Json, std::string> resolve_plain_scalar(std::string_view text) {
  if (text.empty() || is_one_of(text, {"~", "null", "Null", "NULL"})) return Json(nullptr);
  if (is_one_of(text, {"true", "True", "TRUE"})) return Json(true);
  if (is_one_of(text, {"false", "False", "FALSE"})) return Json(false);

  std::string_view magnitude = text;
  const bool negative = magnitude.starts_with('-');
  if (negative || magnitude.starts_with('+')) magnitude.remove_prefix(1);
  if (is_one_of(magnitude, {".inf", ".Inf", ".INF"}) || is_one_of(text, {".nan", ".NaN", ".NAN"}))
    return std::unexpected("JSON data has no infinity and no NaN; put the word in quotes");
  if (is_all(magnitude, is_digit)) return resolve_integer(magnitude, 10, negative);
  if (text.starts_with("0o") && is_all(text.substr(2), is_octal))
    return resolve_integer(text.substr(2), 8, false);
  if (text.starts_with("0x") && is_all(text.substr(2), is_hexadecimal))
    return resolve_integer(text.substr(2), 16, false);
  if (is_decimal(magnitude)) return resolve_decimal(text);
  return Json(text);
}

}  // namespace auterity::engine
