#include "core/redaction.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace auterity {
namespace {

constexpr std::size_t kShortestValue = 6;

// Parts of names, lower case without separators.
constexpr std::array<std::string_view, 13> kSecretParts{
    "password", "passwd",     "secret",      "token",    "authorization", "apikey", "accesskey",
    "cookie",   "privatekey", "databaseurl", "redisurl", "credential",    "jwt"};
// Names that hold one of the parts and are no secret.
constexpr std::array<std::string_view, 3> kHarmless{"tokentype", "secretnames", "credentialspath"};

}  // namespace

bool is_secret_name(std::string_view name) {
  std::string plain;
  for (const char c : name)
    if (c != '-' && c != '_' && c != '.')
      plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (std::ranges::find(kHarmless, plain) != kHarmless.end()) return false;
  return std::ranges::any_of(
      kSecretParts, [&](std::string_view part) { return plain.find(part) != std::string::npos; });
}

void Redactor::add(std::string value) {
  if (value.size() < kShortestValue || std::ranges::find(values_, value) != values_.end()) return;
  values_.push_back(std::move(value));
  std::ranges::sort(values_, std::ranges::greater{}, &std::string::size);
}

std::string Redactor::redact(std::string_view text) const {
  std::string result(text);
  for (const std::string& value : values_)
    for (std::size_t at = result.find(value); at != std::string::npos;
         at = result.find(value, at + kMask.size()))
      result.replace(at, value.size(), kMask);
  return result;
}

Json Redactor::redact(const Json& value, bool by_name) const {
  if (value.is_string()) return Json(redact(value.get_string()));
  if (value.is_array()) {
    JsonArray result;
    for (const Json& element : value.get_array()) result.push_back(redact(element, by_name));
    return result;
  }
  if (value.is_object()) {
    JsonObject result;
    for (const auto& member : value.get_object())
      result[member.key()] = by_name && is_secret_name(member.key()) && !member.value().is_null()
                                 ? Json(kMask)
                                 : redact(member.value(), by_name);
    return result;
  }
  return value;
}

}  // namespace auterity
