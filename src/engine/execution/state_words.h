#pragma once
// Words of the stored form that its writer and its reader share. Never change what one means: old
// states hold them.
#include <array>
#include <string_view>

#include "engine/execution/task_behaviour.h"

namespace auterity::engine::state_words {

inline constexpr std::array<std::string_view, 9> kPhases = {
    "condition", "input_schema",  "input_from", "timeout",      "body",
    "output_as", "output_schema", "export_as",  "export_schema"};
inline constexpr std::array<std::string_view, 6> kAwaiting = {"nothing", "evaluation", "validation",
                                                              "effect",  "timer",      "children"};
inline constexpr std::array<std::string_view, 4> kDirectives = {"continue", "exit", "end", "go_to"};

}  // namespace auterity::engine::state_words
