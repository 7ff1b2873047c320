// Array input syntax: https://www.postgresql.org/docs/15/arrays.html#ARRAYS-IO
#include "data/database.h"

namespace auterity::data {

std::string to_array_literal(const std::vector<SqlParameter>& elements) {
  std::size_t size = 2;
  for (const auto& element : elements) size += element ? element->size() + 3 : 5;
  std::string text;
  text.reserve(size);
  text += '{';
  for (const auto& element : elements) {
    if (text.size() > 1) text += ',';
    if (!element) {
      text += "NULL";
      continue;
    }
    // Always quoted: an unquoted NULL, a brace, a comma or white space would be read as syntax.
    text += '"';
    for (char c : *element) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  text += '}';
  return text;
}

}  // namespace auterity::data
