#include "engine/tasks/http_content.h"

#include <fmt/format.h>
#include <sodium/utils.h>

#include <algorithm>
#include <cctype>
#include <iterator>

namespace auterity::engine {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// "Application/JSON; charset=utf-8" to "application/json".
std::string media_type(std::string_view content_type) {
  return lower(trimmed(content_type.substr(0, content_type.find(';'))));
}

std::string character_set(std::string_view content_type) {
  const std::string text = lower(content_type);
  const std::size_t at = text.find("charset=");
  if (at == std::string::npos) return "utf-8";
  std::string_view value = std::string_view(text).substr(at + 8);
  value = trimmed(value.substr(0, value.find(';')));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  return std::string(value);
}

bool is_json(std::string_view type) {
  return type == "application/json" || type == "text/json" || type.ends_with("+json");
}

std::string from_latin1(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xC0 | byte >> 6);
      text += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return text;
}

Result<std::string> encode_form(const Json& body) {
  const JsonObject* fields = body.if_object();
  if (!fields)
    return fail(ErrorKind::invalid_input, "a form body must be an object of names and values",
                "give `body` as a map, or as text that is encoded already");
  std::string form;
  const auto append = [&form](std::string_view name, std::string_view value) {
    if (!form.empty()) form += '&';
    form += percent_encoded(name) + '=' + percent_encoded(value);
  };
  for (const auto& [name, value] : *fields) {
    const JsonArray single{value};
    const JsonArray& values = value.is_array() ? value.get_array() : single;
    for (const Json& item : values) {
      if (item.is_null()) continue;
      const auto text = scalar_text(item);
      if (!text)
        return fail(
            ErrorKind::invalid_input,
            fmt::format("the form field {} is neither text, number, boolean nor a list of these",
                        std::string_view(name)),
            "turn it into text first, for example with tojson");
      append(name, *text);
    }
  }
  return form;
}

// Length of the UTF-8 sequence that begins with `lead`; 0 when none does.
std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

// Refuses what RFC 3629 refuses: overlong forms, surrogates, code points over U+10FFFF.
bool second_byte_fits(unsigned char lead, unsigned char second) {
  if (lead == 0xE0) return second >= 0xA0;
  if (lead == 0xED) return second < 0xA0;
  if (lead == 0xF0) return second >= 0x90;
  if (lead == 0xF4) return second < 0x90;
  return true;
}

}  // namespace

Result<EncodedBody> encode_body(const Json& body, std::string_view content_type) {
  if (body.is_null()) return EncodedBody{};
  if (const auto* text = body.if_string())
    return EncodedBody{std::string(*text), "text/plain; charset=utf-8"};
  const std::string type = media_type(content_type);
  if (type.empty() || is_json(type)) return EncodedBody{to_text(body), "application/json"};
  if (type == "application/x-www-form-urlencoded") {
    AUTERITY_TRY(form, encode_form(body));
    return EncodedBody{std::move(form), type};
  }
  return fail(ErrorKind::invalid_input,
              fmt::format("the body is not text, and its content type is {}", type),
              "give the body as text, or the content type application/json or "
              "application/x-www-form-urlencoded");
}

Result<Json> decode_content(const HttpResponse& response) {
  const std::string_view body = response.body;
  if (body.empty()) return Json();
  const std::string* header = find_header(response.headers, "content-type");
  const std::string type = header ? media_type(*header) : std::string();
  const JsonLimits limits{.max_bytes = body.size()};
  if (is_json(type)) {
    auto parsed = parse_json(body, limits);
    if (!parsed)
      return fail(ErrorKind::invalid_input,
                  fmt::format("the answer says {} but is not: {}", type, parsed.error().message),
                  "ask for the text with `output: raw`");
    return parsed;
  }
  if (type.empty())
    if (auto parsed = parse_json(body, limits)) return parsed;
  const std::string characters = header ? character_set(*header) : "utf-8";
  if (characters == "iso-8859-1" || characters == "latin1") return Json(from_latin1(body));
  if (is_utf8(body)) return Json(body);
  return Json(to_base64(body));
}

std::string to_base64(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // the terminating zero
  return text;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = sequence_length(lead);
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t j = 1; j < length; ++j)
      if ((static_cast<unsigned char>(text[i + j]) & 0xC0) != 0x80) return false;
    if (length > 1 && !second_byte_fits(lead, static_cast<unsigned char>(text[i + 1])))
      return false;
    i += length;
  }
  return true;
}

std::optional<std::string> scalar_text(const Json& value) {
  if (const auto* text = value.if_string()) return std::string(*text);
  if (value.is_bool() || value.is_number()) return to_text(value);
  return std::nullopt;
}

std::string percent_encoded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || c == '-' || c == '.' || c == '_' || c == '~')
      result += c;
    else
      fmt::format_to(std::back_inserter(result), "%{:02X}", byte);
  }
  return result;
}

}  // namespace auterity::engine
