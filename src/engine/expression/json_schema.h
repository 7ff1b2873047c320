#pragma once
// JSON Schema, draft 7 (https://json-schema.org/draft-07), for inputs, outputs and exports.
// valijson decides; what it would do with the C++ library's expressions, in quadratic time or
// wrongly is taken out before and done here: patterns (by RE2), formats, unique items, multiples.
// Nothing that a schema says is ignored in silence: an unknown keyword or format, a reference that
// leaves the document, what stands beside a "$ref" and a schema that only leads back to itself are
// refused with their pointer. No schema and no value can crash or hang it: depth, size and steps
// are bounded.
#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/json.h"

namespace auterity::engine {

class JsonSchema;  // compiled; immutable, shared by threads
using JsonSchemaPtr = std::shared_ptr<const JsonSchema>;

struct SchemaProblem {
  std::string pointer;  // RFC 6901: into the schema when it is compiled, into the value when it is
                        // validated
  std::string message;
};

// invalid_input naming the first problem.
Result<JsonSchemaPtr> compile_schema(const Json& document);
// Everything that compile_schema would refuse, in document order.
std::vector<SchemaProblem> find_schema_problems(const Json& document);

// invalid_input naming the first violation and how many there are; too_large when the value is
// nested too deeply or deciding takes too many steps.
Result<void> validate(const JsonSchema& schema, const Json& value);
// At most max_violations of them, the most specific ones; empty when the value is valid. too_large
// as above.
inline constexpr std::size_t max_violations = 50;
Result<std::vector<SchemaProblem>> find_violations(const JsonSchema& schema, const Json& value);

}  // namespace auterity::engine
