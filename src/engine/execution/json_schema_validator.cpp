#include "engine/execution/json_schema_validator.h"

#include <unordered_map>

#include "engine/expression/json_schema.h"

namespace auterity::engine {
namespace {

constexpr std::size_t kMostSchemas = 256;

class JsonSchemaValidator final : public SchemaValidator {
 public:
  Result<std::optional<std::string>> find_problem(const Json& schema, const Json& value) override {
    AUTERITY_TRY(compiled, compile(schema));
    AUTERITY_TRY(violations, find_violations(*compiled, value));
    if (violations.empty()) return std::optional<std::string>{};
    const SchemaProblem& first = violations.front();
    return std::optional<std::string>((first.pointer.empty() ? "/" : first.pointer) + ": " +
                                      first.message);
  }

 private:
  Result<JsonSchemaPtr> compile(const Json& schema) {
    std::string text = auterity::to_text(schema);
    if (const auto known = compiled_.find(text); known != compiled_.end()) return known->second;
    AUTERITY_TRY(compiled, compile_schema(schema));
    if (compiled_.size() >= kMostSchemas) compiled_.clear();
    compiled_.emplace(std::move(text), compiled);
    return compiled;
  }

  std::unordered_map<std::string, JsonSchemaPtr> compiled_;
};

}  // namespace

std::unique_ptr<SchemaValidator> make_schema_validator() {
  return std::make_unique<JsonSchemaValidator>();
}

}  // namespace auterity::engine
