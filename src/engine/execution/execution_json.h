#pragma once
// The stored form of an execution's state: one JSON document with a format version. Values that
// several tasks hold are written once, in the table `values`, and referred to by number; 0 is the
// workflow's raw input, which the store keeps elsewhere. Resolved arguments of effects are never
// written: an execution that is loaded while an effect was in flight works them out again. Secrets
// are sealed (secret_mask.h) when the definition declares any.
#include <string>
#include <string_view>

#include "core/error.h"
#include "engine/execution/execution.h"
#include "engine/execution/value_texts.h"

namespace auterity::engine {

// Formats that this build reads; it writes the last one. Part of a release's manifest.
inline constexpr int kOldestStateFormat = 1;
inline constexpr int kStateFormat = 1;

std::string write_state(const Execution& execution);
// The same, with the texts of the checkpoint before.
std::string write_state(const Execution& execution, ValueTexts& texts);

// Errors: not_ready when the format is newer than this
// build, invalid_input when the text is not a state of this definition.
Result<Execution> read_state(std::string_view text, SurroundingsPtr surroundings, Value raw_input);

}  // namespace auterity::engine
