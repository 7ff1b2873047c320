#include "engine/expression/schema_keywords.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <string>

namespace auterity::engine {

const std::array<SchemaKeyword, 48> schema_keywords = {{
    {"allOf", Shape::schemas, true},
    {"anyOf", Shape::schemas, true},
    {"const", Shape::any},
    {"contains", Shape::schema},
    {"dependencies", Shape::dependencies, true},
    {"items", Shape::items},
    {"additionalItems", Shape::schema},
    {"if", Shape::schema, true},
    {"then", Shape::schema, true},
    {"else", Shape::schema, true},
    {"not", Shape::schema, true},
    {"oneOf", Shape::schemas, true},
    {"properties", Shape::schema_map},
    {"patternProperties", Shape::pattern_map},
    {"additionalProperties", Shape::additional},
    {"propertyNames", Shape::schema},
    {"definitions", Shape::definitions},
    {"$defs", Shape::definitions},
    {"enum", Shape::list},
    {"exclusiveMaximum", Shape::number},
    {"exclusiveMinimum", Shape::number},
    {"maximum", Shape::number},
    {"minimum", Shape::number},
    {"maxItems", Shape::count},
    {"minItems", Shape::count},
    {"maxLength", Shape::count},
    {"minLength", Shape::count},
    {"maxProperties", Shape::count},
    {"minProperties", Shape::count},
    {"multipleOf", Shape::positive},
    {"pattern", Shape::pattern},
    {"required", Shape::texts},
    {"type", Shape::type},
    {"uniqueItems", Shape::unique},
    {"format", Shape::format},
    {"$ref", Shape::reference},
    {"$id", Shape::identifier},
    {"$schema", Shape::text},
    {"$comment", Shape::text},
    {"title", Shape::text},
    {"description", Shape::text},
    {"default", Shape::any},
    {"examples", Shape::list},
    {"readOnly", Shape::flag},
    {"writeOnly", Shape::flag},
    {"contentMediaType", Shape::text},
    {"contentEncoding", Shape::text},
    {"deprecated", Shape::flag},
}};

namespace {

constexpr std::array<std::string_view, 11> annotations = {
    "$id",         "$schema",          "$comment",       "title",
    "description", "default",          "examples",       "readOnly",
    "writeOnly",   "contentMediaType", "contentEncoding"};

bool is_type_name(const Json& value) {
  static constexpr std::array<std::string_view, 7> names = {"array",  "boolean", "integer", "null",
                                                            "number", "object",  "string"};
  return value.is_string() &&
         std::ranges::find(names, std::string_view(value.get_string())) != names.end();
}

bool is_list_of(const Json& value, bool (*holds)(const Json&)) {
  return value.is_array() && std::ranges::all_of(value.get_array(), holds);
}

bool is_count(const Json& value) { return value.is_int64() && value.get_int64() >= 0; }
bool is_text(const Json& value) { return value.is_string(); }

}  // namespace

bool is_annotation(std::string_view keyword) {
  return keyword == "deprecated" || std::ranges::find(annotations, keyword) != annotations.end();
}

bool is_list_of_texts(const Json& value) { return is_list_of(value, is_text); }

std::string_view wrong_shape(Shape shape, const Json& value) {
  switch (shape) {
    case Shape::schemas:
      return value.is_array() && !value.get_array().empty() ? ""
                                                            : "a list with at least one schema";
    case Shape::schema_map:
    case Shape::pattern_map:
    case Shape::definitions:
    case Shape::dependencies:
      return value.is_object() ? "" : "an object";
    case Shape::count:
      return is_count(value) ? "" : "a whole number that is not negative";
    case Shape::number:
      return value.is_number() ? "" : "a number";
    case Shape::positive:
      return value.is_number() && value.to_number<double>() > 0 ? "" : "a number greater than 0";
    case Shape::flag:
    case Shape::unique:
      return value.is_bool() ? "" : "true or false";
    case Shape::text:
    case Shape::pattern:
    case Shape::format:
    case Shape::reference:
    case Shape::identifier:
      return value.is_string() ? "" : "a text";
    case Shape::texts:
      return is_list_of_texts(value) ? "" : "a list of texts";
    case Shape::list:
      return value.is_array() ? "" : "a list";
    case Shape::type:
      return is_type_name(value) || (is_list_of(value, is_type_name) && !value.get_array().empty())
                 ? ""
                 : "array, boolean, integer, null, number, object, string, or a list of these";
    default:
      return "";
  }
}

}  // namespace auterity::engine
