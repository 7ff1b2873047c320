#pragma once
// YAML 1.2 text to a value with positions, by yaml-cpp's events: its node tree would accept
// duplicate keys, cyclic anchors and any tag.
#include <optional>
#include <string_view>

#include "engine/definition/parser.h"
#include "engine/definition/problem_list.h"
#include "engine/definition/source_tree.h"

namespace auterity::engine {

// nullopt with at least one problem when the text is not one YAML document. Problems that leave a
// value to look at (duplicate keys) are reported beside it. `text` is well-formed UTF-8 without
// control characters.
std::optional<ReadDocument> read_yaml(std::string_view text, const ParserLimits& limits,
                                      ProblemList& problems);

}  // namespace auterity::engine
