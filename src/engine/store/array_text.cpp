#include "engine/store/array_text.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace auterity::engine {

void ArrayText::separate() {
  if (text_.size() > 1) text_ += ',';
}

void ArrayText::add(std::string_view text) {
  separate();
  text_ += '"';
  while (true) {
    std::size_t special = text.find_first_of("\"\\");
    text_ += text.substr(0, special);
    if (special == std::string_view::npos) break;
    text_ += '\\';
    text_ += text[special];
    text.remove_prefix(special + 1);
  }
  text_ += '"';
}

void ArrayText::add(const std::optional<std::string>& text) {
  text ? add(std::string_view(*text)) : add_null();
}

void ArrayText::add(std::int64_t number) {
  separate();
  fmt::format_to(std::back_inserter(text_), "{}", number);
}

void ArrayText::add(const Uuid& id) {
  separate();
  text_ += to_text(id);
}

void ArrayText::add(Time time) {
  separate();
  text_ += to_rfc3339(time);
}

void ArrayText::add(std::optional<Time> time) { time ? add(*time) : add_null(); }

void ArrayText::add_null() {
  separate();
  text_ += "NULL";
}

std::string ArrayText::take() {
  std::string literal = std::exchange(text_, "{");
  literal += '}';
  return literal;
}

}  // namespace auterity::engine
