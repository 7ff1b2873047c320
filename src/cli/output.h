#pragma once
// How results and errors look. Results go to standard output: text for people, one JSON document
// with --json. An error is two lines on standard error, "error: …" and "hint: …"; with --json
// standard output also gets
// {"error": {"kind", "message", "hint", "exit_code"}}, so that a script always finds one document
// there.
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "core/error.h"
#include "core/json.h"

namespace auterity::cli {

// One document on standard output: indented on a terminal, else on one line.
void print_json(World& world, const Json& document);

// Lines of an error; control characters of the message are shown escaped, so that hostile input
// cannot move the cursor.
std::string error_text(const Error& error);
Json error_document(const Error& error);

// Columns aligned under upper-case headings, two spaces between; the widths are those of the
// longest cells. Cells are UTF-8.
std::string table_text(const std::vector<std::string>& headings,
                       const std::vector<std::vector<std::string>>& rows);

// Printable form of text from outside: control characters as \xNN, newlines and tabs kept.
std::string printable(std::string_view text);

}  // namespace auterity::cli
