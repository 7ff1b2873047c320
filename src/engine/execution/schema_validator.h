#pragma once
// Checks values against JSON Schemas (draft 7 vocabulary) for the data flow. Pure: no network, no
// references to other documents.
#include <memory>
#include <optional>
#include <string>

#include "core/error.h"
#include "core/json.h"

namespace auterity::engine {

class SchemaValidator {
 public:
  virtual ~SchemaValidator() = default;
  // What is wrong with `value`, with the place ("/order/id: must be a string"); nullopt when it is
  // valid. invalid_input: `schema` is not one, or uses a keyword that is not known, which is never
  // ignored.
  virtual Result<std::optional<std::string>> find_problem(const Json& schema,
                                                          const Json& value) = 0;
};

}  // namespace auterity::engine
