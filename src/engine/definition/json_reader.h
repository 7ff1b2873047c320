#pragma once
// JSON text (RFC 8259, strictly) to a value with positions, by Boost.JSON's event parser fed line
// by line.
#include <optional>
#include <string_view>

#include "engine/definition/parser.h"
#include "engine/definition/problem_list.h"
#include "engine/definition/source_tree.h"

namespace auterity::engine {

// nullopt with at least one problem when the text is not one JSON document. Duplicate keys are
// reported beside a value.
std::optional<ReadDocument> read_json(std::string_view text, const ParserLimits& limits,
                                      ProblemList& problems);

}  // namespace auterity::engine
