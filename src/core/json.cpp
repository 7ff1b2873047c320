#include "core/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/stream_parser.hpp>
#include <charconv>
#include <cmath>
#include <cstring>
#include <vector>

namespace auterity {
namespace {

// Whether one of eight bytes has to be escaped: a control character, a quote or a backslash.
bool any_special(const char* eight) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;
  std::uint64_t word = 0;
  std::memcpy(&word, eight, sizeof word);
  const auto has_zero = [](std::uint64_t bytes) { return (bytes - kOnes) & ~bytes & kHighs; };
  const std::uint64_t below_space = (word - kOnes * 0x20) & ~word & kHighs;
  return (below_space | has_zero(word ^ kOnes * '"') | has_zero(word ^ kOnes * '\\')) != 0;
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t clean_from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (i + 8 <= text.size() && !any_special(text.data() + i)) i += 8;
    if (i == text.size()) break;
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out.append(text, clean_from, i - clean_from);
    clean_from = i + 1;
    switch (byte) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    }
  }
  out.append(text, clean_from);
  out += '"';
}

void append_double(std::string& out, double number) {
  if (!std::isfinite(number)) {  // JSON has no such number; jq prints null for nan, too
    out += "null";
    return;
  }
  constexpr double kLargestExactInteger = 9007199254740992.0;
  char buffer[32];
  std::to_chars_result end{};
  if (std::trunc(number) == number && std::fabs(number) < kLargestExactInteger)
    end = std::to_chars(buffer, std::end(buffer), static_cast<std::int64_t>(number));
  else
    end = std::to_chars(buffer, std::end(buffer), number);
  out.append(buffer, end.ptr);
}

// Writes values in one of three layouts: compact, canonical (compact with sorted keys) and pretty
// (indent >= 0).
class Writer {
 public:
  Writer(std::string& out, bool sorted, int indent) : out_(out), sorted_(sorted), indent_(indent) {}

  void write(const Json& value, int depth = 0) {
    switch (value.kind()) {
      case boost::json::kind::null:
        out_ += "null";
        break;
      case boost::json::kind::bool_:
        out_ += value.get_bool() ? "true" : "false";
        break;
      case boost::json::kind::int64:
        append_integer(value.get_int64());
        break;
      case boost::json::kind::uint64:
        append_integer(value.get_uint64());
        break;
      case boost::json::kind::double_:
        append_double(out_, value.get_double());
        break;
      case boost::json::kind::string:
        append_string(out_, value.get_string());
        break;
      case boost::json::kind::array:
        write_array(value.get_array(), depth);
        break;
      case boost::json::kind::object:
        write_object(value.get_object(), depth);
        break;
    }
  }

 private:
  template <typename Integer>
  void append_integer(Integer number) {
    char buffer[24];
    out_.append(buffer, std::to_chars(buffer, std::end(buffer), number).ptr);
  }

  void new_line(int depth) {
    if (indent_ < 0) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(indent_ * depth), ' ');
  }

  void write_array(const JsonArray& array, int depth) {
    out_ += '[';
    bool first = true;
    for (const Json& element : array) {
      if (!first) out_ += ',';
      first = false;
      new_line(depth + 1);
      write(element, depth + 1);
    }
    if (!first) new_line(depth);
    out_ += ']';
  }

  void write_member(std::string_view key, const Json& value, bool first, int depth) {
    if (!first) out_ += ',';
    new_line(depth + 1);
    append_string(out_, key);
    out_ += indent_ < 0 ? ":" : ": ";
    write(value, depth + 1);
  }

  void write_object(const JsonObject& object, int depth) {
    out_ += '{';
    bool first = true;
    if (sorted_) {
      std::vector<std::pair<std::string_view, const Json*>> members;
      members.reserve(object.size());
      for (const auto& member : object) members.emplace_back(member.key(), &member.value());
      std::sort(members.begin(), members.end());
      for (const auto& [key, value] : members) {
        write_member(key, *value, first, depth);
        first = false;
      }
    } else {
      for (const auto& member : object) {
        write_member(member.key(), member.value(), first, depth);
        first = false;
      }
    }
    if (!first) new_line(depth);
    out_ += '}';
  }

  std::string& out_;
  bool sorted_;
  int indent_;
};

std::string position_in(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  const std::string_view before = text.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return fmt::format("line {}, column {}", line, offset - line_start + 1);
}

}  // namespace

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.max_bytes)
    return fail(ErrorKind::too_large,
                fmt::format("the JSON text has {} bytes, more than the {} that are allowed",
                            text.size(), limits.max_bytes),
                "send less at once");
  boost::json::parse_options options;
  options.max_depth = limits.max_depth;
  boost::json::stream_parser parser({}, options);
  boost::json::error_code error;
  // write_some stops where the text stops being JSON, which gives the position of the mistake.
  std::size_t consumed = parser.write_some(text.data(), text.size(), error);
  if (!error && consumed < text.size()) {
    const std::size_t rest = text.find_first_not_of(" \t\r\n", consumed);
    if (rest != std::string_view::npos) {
      consumed = rest;
      error = boost::json::error::extra_data;
    }
  }
  if (!error) parser.finish(error);
  if (error)
    return fail(
        ErrorKind::invalid_input,
        fmt::format("not valid JSON at {}: {}", position_in(text, consumed), error.message()),
        "correct the text there");
  return parser.release();
}

std::string to_text(const Json& value) {
  std::string out;
  append_text(out, value);
  return out;
}

void append_text(std::string& text, const Json& value) { Writer(text, false, -1).write(value); }
void append_text(std::string& text, std::string_view string) { append_string(text, string); }

std::string to_pretty_text(const Json& value) {
  std::string out;
  Writer(out, false, 2).write(value);
  return out;
}

std::string to_canonical_text(const Json& value) {
  std::string out;
  Writer(out, true, -1).write(value);
  return out;
}

std::string escape_pointer_token(std::string_view token) {
  std::string out;
  for (const char c : token) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

namespace {

std::string unescape_pointer_token(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1'))
      out += token[++i] == '0' ? '~' : '/';
    else
      out += token[i];
  }
  return out;
}

const Json* find_step(const Json& value, std::string_view token) {
  if (value.is_object()) return value.get_object().if_contains(unescape_pointer_token(token));
  if (!value.is_array() || token.empty() || (token.size() > 1 && token[0] == '0')) return nullptr;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc{} || end != token.data() + token.size()) return nullptr;
  return value.get_array().if_contains(index);
}

}  // namespace

const Json* find_pointer(const Json& value, std::string_view pointer) {
  const Json* current = &value;
  while (!pointer.empty()) {
    if (pointer.front() != '/') return nullptr;
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    current = find_step(*current, pointer.substr(0, end));
    if (current == nullptr) return nullptr;
    pointer.remove_prefix(end);
  }
  return current;
}

const Json* find_member(const Json& value, std::string_view key) {
  return value.is_object() ? value.get_object().if_contains(key) : nullptr;
}

std::string_view string_or(const Json* value, std::string_view fallback) {
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : fallback;
}

}  // namespace auterity
