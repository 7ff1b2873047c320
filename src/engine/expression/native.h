#pragma once
// Expressions that need no jq: JSON literals and plain paths. Their results and error words are
// jq's (a missing key and an index out of range are null, a step through a value of another type is
// an error), which a property test holds against the real one.
#include <string_view>

#include "core/error.h"
#include "core/json.h"
#include "engine/expression/evaluator.h"
#include "engine/expression/template.h"

namespace auterity::engine {

// The expression with `text` and, when it has a native form, that form; `index` and `pointer` are
// the caller's.
Expression parse_native(std::string_view text);

// The argument called `name` (without "$"), or nullptr when it is not available here. Locals come
// first: they are the inner scope.
const Json* find_argument(const Arguments& arguments, std::string_view name);

// The value of a native expression. failed with jq's words.
Result<Json> evaluate_native(const Expression& expression, const Json& data,
                             const Arguments& arguments);

// failed: "expression ${ … } failed: WHY", the expression cut to a readable length.
Error expression_error(const Expression& expression, std::string_view why);
// failed: "$name is not available here".
Error unavailable_argument(const Expression& expression, std::string_view name);

// The template's value with the leaf at `pointer` replaced. The pointer is one of the template's
// leaves.
void replace_leaf(Json& value, std::string_view pointer, Json replacement);

// Whole doubles below 2^53 become integers, infinite ones the largest finite double, everywhere in
// `value`: what jq prints.
void normalise_numbers(Json& value);

}  // namespace auterity::engine
