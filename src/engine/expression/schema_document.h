#pragma once
// A JSON Schema document taken apart: every schema in it becomes one numbered definition of a flat
// document that valijson can be trusted with, and what valijson cannot be trusted with becomes
// SchemaChecks beside it. Pure. See json_schema.h for what is refused.
#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "engine/expression/json_schema.h"

namespace re2 {
class RE2;
}

namespace auterity::engine {

using Pattern = std::shared_ptr<const re2::RE2>;

// The checks of one schema that are not valijson's.
struct SchemaChecks {
  std::size_t cost = 1;  // steps that looking at one value takes
  Pattern pattern;
  std::string format;
  bool unique_items = false;
  double multiple_of = 0;  // 0: absent
  // patternProperties, and additionalProperties when there are such: numbers of schemas.
  std::vector<std::pair<Pattern, std::size_t>> pattern_properties;
  std::optional<std::size_t> additional_properties;
  std::vector<std::string> named_properties;  // sorted; these are not additional
};

struct FlatSchema {
  // {"definitions": {"0": …, "1": …}}; number 0 is the document itself. Each schema's first
  // constraint is {checks_keyword: number}.
  Json document;
  std::vector<SchemaChecks> checks;  // by number
  std::vector<std::size_t> entries;  // schemas that checks begin anew from
};
inline constexpr std::string_view checks_keyword = "auterity:checks";

std::expected<FlatSchema, std::vector<SchemaProblem>> flatten_schema(const Json& document);

// "#/definitions/N", which leads to schema N of a flat document.
std::string definition_reference(std::size_t number);

// Whether `text` has the format; formats that this build does not know are refused by
// flatten_schema.
bool knows_format(std::string_view format);
bool has_format(std::string_view text, std::string_view format);

}  // namespace auterity::engine
