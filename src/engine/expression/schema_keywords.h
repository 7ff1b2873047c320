#pragma once
// The keywords of JSON Schema draft 7: what the value of each must be. Purpose: schema_document.cpp
// takes schemas apart by this table and knows no keyword by heart but those that need company.
// Pure; source: JSON Schema Validation, draft-handrews-json-schema-validation-01.
#include <array>
#include <string_view>

#include "core/json.h"

namespace auterity::engine {

// What the value of a keyword must be, and what becomes of it.
enum class Shape {
  schema,
  schemas,
  schema_map,
  items,
  dependencies,
  definitions,
  count,
  number,
  positive,
  flag,
  text,
  texts,
  list,
  type,
  any,
  pattern,
  pattern_map,
  additional,
  format,
  unique,
  reference,
  identifier
};

struct SchemaKeyword {
  std::string_view name;
  Shape shape;
  bool in_place = false;  // applies a schema to the same value
};

// In the order in which valijson follows them, because that decides how deep it nests.
extern const std::array<SchemaKeyword, 48> schema_keywords;

// Said about a value, not asked of it: nothing for valijson.
bool is_annotation(std::string_view keyword);

// What the shape asks for when `value` is not that; empty when it is. Schemas inside are looked at
// on their own.
std::string_view wrong_shape(Shape shape, const Json& value);

bool is_list_of_texts(const Json& value);

}  // namespace auterity::engine
