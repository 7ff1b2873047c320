#pragma once
// URI templates as the DSL has them: RFC 6570 simple string expansion ("{name}", section 3.2.2)
// over the top-level members of a task's input, whose names are taken verbatim ("{pet.id}" is the
// member "pet.id"). Relative references are legal. No operators, no modifiers, no expression
// arguments.
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/json.h"

namespace auterity::engine {

// invalid_input with the place and the mend.
Status check_uri_template(std::string_view text);

// Every {name} replaced by the percent-encoded value. A missing or null member, or an input that is
// no object, gives the empty text; a member that is an object or an array is invalid_input, which a
// task reports as an `expression` error.
Result<std::string> expand_uri_template(std::string_view text, const Json& input);

}  // namespace auterity::engine
