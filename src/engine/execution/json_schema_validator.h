#pragma once
// The SchemaValidator of the product: expression/json_schema.h behind the interface, with the
// schemas it compiled kept by their text, since a workflow asks with the same few again and again.
#include <memory>

#include "engine/execution/schema_validator.h"

namespace auterity::engine {

std::unique_ptr<SchemaValidator> make_schema_validator();

}  // namespace auterity::engine
