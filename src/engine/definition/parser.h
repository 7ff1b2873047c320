#pragma once
// Text to Definition, strictly: YAML 1.2 (by yaml-cpp's events) or JSON. Duplicate keys, cyclic
// anchors, unknown fields, unresolved names, flow targets out of scope, malformed durations, jq,
// URI templates and cron are problems, each with its line and JSON pointer.
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "engine/definition/definition.h"

namespace auterity::engine {

struct Problem {
  int line = 0;         // 1-based; 0 when the document has no place for it
  std::string pointer;  // "" is the whole document
  std::string message;  // what is wrong and what to write instead
};

struct ParserLimits {
  std::size_t max_bytes = 1u << 20;
  std::size_t max_depth = 64;
  std::size_t max_nodes = 100'000;  // after aliases are expanded
  std::size_t max_tasks = 10'000;
  // Of the keys on the way to any value of a definition; data (parse_document) is free in this.
  std::size_t max_pointer_bytes = 2048;
};

// All problems found, in document order, or the definition. Opens no connection.
std::expected<DefinitionPtr, std::vector<Problem>> parse_definition(std::string_view text,
                                                                    ParserLimits limits = {});

// Any YAML or JSON text as a value, with the same strictness (used for inputs and event files).
std::expected<Json, std::vector<Problem>> parse_document(std::string_view text,
                                                         ParserLimits limits = {});

// The line of what `pointer` refers to, or of the nearest part above it that is there; 0 when the
// text cannot be read. For problems that are found only later (Evaluator::check).
int find_line(std::string_view text, std::string_view pointer);

// "FILE:LINE: /pointer: message"
std::string to_text(const Problem& problem, std::string_view file);

}  // namespace auterity::engine
