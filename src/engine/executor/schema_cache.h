#pragma once
// Compiled schemas of the definitions that run in this process. Purpose: compile each once, however
// many executions use it. Bounded; an external schema is fetched again once it has been dropped.
#include <unordered_map>

#include "engine/definition/definition.h"
#include "engine/expression/json_schema.h"

namespace auterity::engine {

class SchemaCache {
 public:
  // nullptr when it is not there.
  JsonSchemaPtr find(const Schema& schema) const;
  // Compiles `document` and keeps it for `schema`, which is part of `definition`. invalid_input:
  // not a schema.
  Result<JsonSchemaPtr> add(DefinitionPtr definition, const Schema& schema, const Json& document);

 private:
  static constexpr std::size_t kMaxEntries = 256;
  struct Entry {
    DefinitionPtr definition;  // keeps the key's address from being used again
    JsonSchemaPtr compiled;
  };
  std::unordered_map<const Schema*, Entry> entries_;
};

}  // namespace auterity::engine
