#include "engine/definition/uri_template.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <optional>

#include "engine/definition/problem_list.h"

namespace auterity::engine {
namespace {

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_hexadecimal(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_unreserved(char c) {
  return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}
// RFC 3986 section 2.2.
bool is_reserved(char c) { return std::string_view(":/?#[]@!$&'()*+,;=").contains(c); }
bool is_percent_encoded(std::string_view text) {
  return text.size() >= 3 && text[0] == '%' && is_hexadecimal(text[1]) && is_hexadecimal(text[2]);
}

void append_encoded(std::string& out, char c) {
  out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
}

std::unexpected<Error> malformed(std::string message, std::string hint) {
  return fail(ErrorKind::invalid_input, std::move(message), std::move(hint));
}

Status check_variable(std::string_view name) {
  if (name.empty())
    return malformed("{} names nothing",
                     "write the name of a member of the input, as in {orderId}");
  if (std::string_view("+#./;?&=,!@|").contains(name.front()))
    return malformed(fmt::format("'{{{}}}' uses an operator; only {{name}} is possible here", name),
                     "use an expression for the whole endpoint, as in ${ \"https://…\" + .path }");
  if (name.ends_with('*') || name.contains(':'))
    return malformed(fmt::format("'{{{}}}' has a modifier; only {{name}} is possible here", name),
                     "use an expression for the whole endpoint");
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool fits = is_alphanumeric(c) || c == '_' || c == '-' || c == '.' || c == ',' ||
                      is_percent_encoded(name.substr(i));
    if (!fits)
      return malformed(fmt::format("{} cannot be a name in a URI template", quoted(name)),
                       "use letters, digits, '_', '-' and '.', or an expression for the whole "
                       "endpoint");
  }
  return {};
}

// A member's value as text; nullopt when it is absent.
Result<std::optional<std::string>> value_of(std::string_view name, const Json& input) {
  const Json* value = find_member(input, name);
  if (value == nullptr || value->is_null()) return std::optional<std::string>();
  if (value->is_structured())
    return malformed(fmt::format("{} in the URI template is {}, not a text, number or boolean",
                                 quoted(name), value->is_object() ? "a map" : "a list"),
                     "use an expression for the whole endpoint to pick a part of it");
  if (const auto* text = value->if_string()) return std::optional(std::string(*text));
  return std::optional(auterity::to_text(*value));
}

// "{a,b}": the values that are there, with commas between them.
Status append_expansion(std::string& out, std::string_view names, const Json& input) {
  bool first = true;
  while (!names.empty()) {
    const std::size_t comma = std::min(names.find(','), names.size());
    AUTERITY_TRY(value, value_of(names.substr(0, comma), input));
    names.remove_prefix(std::min(comma + 1, names.size()));
    if (!value) continue;
    if (!first) out += ',';
    first = false;
    for (const char c : *value) {
      if (is_unreserved(c))
        out += c;
      else
        append_encoded(out, c);
    }
  }
  return {};
}

}  // namespace

Status check_uri_template(std::string_view text) {
  if (text.empty()) return malformed("the URI is empty", "write one, as in https://example.com/x");
  bool fragment = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c <= ' ' || c == 0x7F)
      return malformed("a URI has no white space", "write %20 for a space");
    if (c == '}')
      return malformed("'}' without '{' in a URI template",
                       "write {name}, or %7D for the character");
    if (c == '%' && !is_percent_encoded(text.substr(i)))
      return malformed("'%' in a URI needs two hexadecimal digits", "write %25 for the character");
    if (c == '#' && std::exchange(fragment, true))
      return malformed("a URI has at most one '#'", "write %23 for the character");
    if (c != '{') continue;
    const std::size_t end = text.find('}', i);
    if (end == std::string_view::npos)
      return malformed("'{' without '}' in a URI template", "close it, as in {orderId}");
    AUTERITY_CHECK(check_variable(text.substr(i + 1, end - i - 1)));
    i = end;
  }
  return {};
}

Result<std::string> expand_uri_template(std::string_view text, const Json& input) {
  AUTERITY_CHECK(check_uri_template(text));
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '{') {
      const std::size_t end = text.find('}', i);
      AUTERITY_CHECK(append_expansion(result, text.substr(i + 1, end - i - 1), input));
      i = end;
    } else if (is_unreserved(c) || is_reserved(c) || c == '%') {
      result += c;
    } else {
      append_encoded(result, c);  // section 3.1: other literals are encoded as UTF-8
    }
  }
  return result;
}

}  // namespace auterity::engine
