#include "cli/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <ostream>

namespace auterity::cli {
namespace {

// What helps when an error came without a hint of its own.
std::string_view usual_hint(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_input:
      return "see: auterity --help";
    case ErrorKind::unauthenticated:
      return "sign in first, or print a token with: auterity token";
    case ErrorKind::forbidden:
      return "ask an administrator for the role that this needs";
    case ErrorKind::not_found:
      return "check the name";
    case ErrorKind::conflict:
      return "look at what changed meanwhile, then repeat the command";
    case ErrorKind::too_large:
      return "send less at once";
    case ErrorKind::rate_limited:
    case ErrorKind::try_again:
      return "repeat the command in a moment";
    case ErrorKind::not_ready:
    case ErrorKind::unavailable:
    case ErrorKind::timeout:
      return "see what is running with: auterity status";
    case ErrorKind::storage_full:
      return "free space on the disk that holds AUTERITY_HOME";
    case ErrorKind::cancelled:
      return "start it again when you like";
    case ErrorKind::failed:
      return "read the message above";
    case ErrorKind::internal:
      return "this is a bug: report the command and this message";
  }
  return "";
}

// Characters, not bytes; every code point counts as one column.
std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

void append_row(std::string& text, const std::vector<std::string>& cells,
                const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t column = 0; column < cells.size(); ++column) {
    line += cells[column];
    if (column + 1 == cells.size()) break;
    line.append(widths[column] - display_width(cells[column]) + 2, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  text += line + '\n';
}

}  // namespace

void print_json(World& world, const Json& document) {
  world.out << (world.terminal.out_is_terminal ? to_pretty_text(document) : to_text(document))
            << '\n';
}

std::string printable(std::string_view text) {
  std::string shown;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if ((byte < 0x20 && character != '\n' && character != '\t') || byte == 0x7F)
      fmt::format_to(std::back_inserter(shown), "\\x{:02x}", byte);
    else
      shown += character;
  }
  return shown;
}

std::string error_text(const Error& error) {
  const std::string_view hint = error.hint.empty() ? usual_hint(error.kind) : error.hint;
  return fmt::format("error: {}\nhint: {}\n", printable(error.message), printable(hint));
}

Json error_document(const Error& error) {
  const ErrorKindFacts& kind = facts(error.kind);
  const std::string_view hint = error.hint.empty() ? usual_hint(error.kind) : error.hint;
  return JsonObject{{"error", JsonObject{{"kind", kind.name},
                                         {"message", error.message},
                                         {"hint", hint},
                                         {"exit_code", kind.exit_code}}}};
}

std::string table_text(const std::vector<std::string>& headings,
                       const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const std::string& heading : headings) widths.push_back(display_width(heading));
  for (const auto& row : rows)
    for (std::size_t column = 0; column < row.size() && column < widths.size(); ++column)
      widths[column] = std::max(widths[column], display_width(row[column]));
  std::string text;
  append_row(text, headings, widths);
  for (const auto& row : rows) append_row(text, row, widths);
  return text;
}

}  // namespace auterity::cli
