#include "engine/executor/schema_cache.h"

namespace auterity::engine {

JsonSchemaPtr SchemaCache::find(const Schema& schema) const {
  const auto found = entries_.find(&schema);
  return found == entries_.end() ? nullptr : found->second.compiled;
}

Result<JsonSchemaPtr> SchemaCache::add(DefinitionPtr definition, const Schema& schema,
                                       const Json& document) {
  AUTERITY_TRY(compiled, compile_schema(document));
  if (entries_.size() >= kMaxEntries) entries_.clear();
  entries_[&schema] = {std::move(definition), compiled};
  return compiled;
}

}  // namespace auterity::engine
