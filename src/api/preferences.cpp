#include "api/preferences.h"

#include <algorithm>
#include <charconv>

namespace auterity::api {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    return text.substr(1, text.size() - 2);
  return text;
}

void read_one(std::string_view text, Preferences& preferences) {
  text = trimmed(text.substr(0, text.find(';')));
  const std::size_t equals = text.find('=');
  const std::string_view name = trimmed(text.substr(0, equals));
  if (equals_without_case(name, "respond-async")) {
    preferences.respond_async = true;
    return;
  }
  if (!equals_without_case(name, "wait") || equals == std::string_view::npos || preferences.wait)
    return;
  const std::string_view value = unquoted(trimmed(text.substr(equals + 1)));
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error == std::errc() && end == value.data() + value.size() && seconds >= 0)
    preferences.wait = std::min(std::chrono::seconds(seconds), kLongestWait);
}

}  // namespace

Preferences read_preferences(const Request& request) {
  Preferences preferences;
  for (const HeaderField& field : request.headers) {
    if (!equals_without_case(field.name, "Prefer")) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      read_one(rest.substr(0, comma), preferences);
      rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
  }
  return preferences;
}

}  // namespace auterity::api
