#include "engine/expression/json_schema.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace auterity::engine {
namespace {

Json json(std::string_view text) { return boost::json::parse(text); }

JsonSchemaPtr schema_of(std::string_view text) {
  auto schema = compile_schema(json(text));
  EXPECT_TRUE(schema) << text << ": " << (schema ? "" : schema.error().message);
  return schema ? *schema : nullptr;
}

bool fits(std::string_view schema, std::string_view value) {
  auto compiled = schema_of(schema);
  if (!compiled) return false;
  auto result = validate(*compiled, json(value));
  EXPECT_TRUE(result || result.error().kind == ErrorKind::invalid_input) << schema << " " << value;
  return result.has_value();
}

std::string first_problem(const Json& schema) {
  auto problems = find_schema_problems(schema);
  return problems.empty() ? "none" : problems[0].pointer + ": " + problems[0].message;
}

struct Case {
  std::string_view schema;
  std::vector<std::string_view> valid, invalid;
};
const std::vector<Case> draft7_cases = {
    {"{}", {"1", "null", "[]"}, {}},
    {"true", {"1"}, {}},
    {"false", {}, {"1", "{}"}},
    {R"({"type": "integer"})", {"1", "1.0", "-5"}, {"1.5", "\"1\"", "true", "null"}},
    {R"({"type": "number"})", {"1", "1.5", "18446744073709551615"}, {"\"1\"", "false"}},
    {R"({"type": "boolean"})", {"true"}, {"\"true\"", "1", "0"}},
    {R"({"type": "string"})", {"\"1\""}, {"1", "null"}},
    {R"({"type": "null"})", {"null"}, {"\"\"", "0", "{}"}},
    {R"({"type": ["string", "null"]})", {"null", "\"\""}, {"1", "[]"}},
    {R"({"required": ["a", "b"]})", {R"({"a": 1, "b": null})", "[]", "1"}, {R"({"a": 1})"}},
    {R"({"properties": {"a": {"type": "string"}}, "additionalProperties": false})",
     {"{}", R"({"a": "x"})"},
     {R"({"a": 1})", R"({"b": 1})"}},
    {R"({"additionalProperties": {"type": "integer"}})", {R"({"x": 1})"}, {R"({"x": "1"})"}},
    {R"({"patternProperties": {"^n": {"type": "integer"}}, "properties": {"s": {"type": "string"}}, "additionalProperties": false})",
     {R"({"n1": 1, "s": "x"})", "{}"},
     {R"({"n1": "x"})", R"({"other": 1})", R"({"s": 1})"}},
    {R"({"patternProperties": {"a": {"minimum": 5}, "b": {"maximum": 7}}})",
     {R"({"ab": 6, "c": 100})"},
     {R"({"ab": 8})", R"({"ba": 4})"}},
    {R"({"propertyNames": {"pattern": "^[a-z]+$"}})", {R"({"abc": 1})"}, {R"({"Abc": 1})"}},
    {R"({"minProperties": 1, "maxProperties": 2})",
     {R"({"a": 1})"},
     {"{}", R"({"a": 1, "b": 2, "c": 3})"}},
    {R"({"dependencies": {"a": ["b"]}})", {R"({"a": 1, "b": 2})", R"({"b": 2})"}, {R"({"a": 1})"}},
    {R"({"dependencies": {"a": {"required": ["c"]}}})", {R"({"a": 1, "c": 2})"}, {R"({"a": 1})"}},
    {R"({"items": {"type": "integer"}})", {"[1, 2]", "[]", "{}"}, {"[1, \"2\"]"}},
    {R"({"items": [{"type": "integer"}, {"type": "string"}], "additionalItems": false})",
     {"[1, \"a\"]", "[1]"},
     {"[\"a\"]", "[1, \"a\", 2]"}},
    {R"({"minItems": 1, "maxItems": 2})", {"[1]", "\"x\""}, {"[]", "[1, 2, 3]"}},
    {R"({"uniqueItems": true})",
     {"[1, 2, \"1\"]", "[{\"a\": 1}, {\"a\": 2}]", "[true, 1]", "[]"},
     {"[1, 1.0]", "[{\"a\": 1, \"b\": 2}, {\"b\": 2, \"a\": 1}]", "[[1], [1]]"}},
    {R"({"contains": {"type": "string"}})", {"[1, \"a\"]", "1"}, {"[1, 2]", "[]"}},
    {R"({"minimum": 1, "maximum": 3})", {"1", "3", "2.5", "\"9\""}, {"0.5", "4"}},
    {R"({"exclusiveMinimum": 1, "exclusiveMaximum": 3})", {"2"}, {"1", "3"}},
    {R"({"multipleOf": 0.01})", {"19.99", "0", "4", "\"x\"", "\"0.005\""}, {"0.005"}},
    {R"({"multipleOf": 2})", {"4", "-2"}, {"3", "4.5"}},
    {R"({"minLength": 2, "maxLength": 3})", {"\"üü\"", "\"abc\"", "12345"}, {"\"a\"", "\"abcd\""}},
    {R"({"pattern": "b+"})", {"\"abba\"", "5"}, {"\"aa\""}},
    {R"({"enum": [1, "a", null, {"b": [1]}]})",
     {"1", "1.0", "\"a\"", "null", R"({"b": [1]})"},
     {"2", "\"1\"", "{}", "false"}},
    {R"({"const": {"a": [1, 2]}})", {R"({"a": [1, 2]})"}, {R"({"a": [2, 1]})", "null"}},
    {R"({"const": 1})", {"1", "1.0"}, {"true", "\"1\""}},
    {R"({"const": false})", {"false"}, {"0", "null", "\"\""}},
    {R"({"allOf": [{"minimum": 1}, {"maximum": 2}]})", {"1"}, {"0", "3"}},
    {R"({"anyOf": [{"type": "string"}, {"minimum": 5}]})", {"\"x\"", "6"}, {"1"}},
    {R"({"oneOf": [{"multipleOf": 2}, {"multipleOf": 3}]})", {"2", "3"}, {"6", "5"}},
    {R"({"not": {"type": "string"}})", {"1"}, {"\"x\""}},
    {R"({"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minimum": 5}})",
     {"\"ab\"", "5"},
     {"\"a\"", "4"}},
    {R"({"then": {"type": "string"}})", {"1"}, {}},
    {R"({"definitions": {"p": {"type": "integer"}}, "properties": {"a": {"$ref": "#/definitions/p"}}})",
     {R"({"a": 1})"},
     {R"({"a": "x"})"}},
    {R"({"$defs": {"a/b c%": {"type": "integer"}}, "items": {"$ref": "#/$defs/a~1b%20c%25"}})",
     {"[1]"},
     {"[\"x\"]"}},
    {R"({"type": "object", "properties": {"child": {"$ref": "#"}}, "required": ["v"]})",
     {R"({"v": 1, "child": {"v": 2}})"},
     {R"({"v": 1, "child": {"child": {"v": 1}}})"}},
    {R"({"properties": {"a": {"patternProperties": {"^x": {"$ref": "#"}}}, "n": {"type": "integer"}}})",
     {R"({"n": 1, "a": {"x1": {"n": 2, "a": {}}}})"},
     {R"({"a": {"x1": {"a": {"xx": {"n": "no"}}}}})"}},
    {R"({"format": "date-time"})",
     {"\"2026-01-02T03:04:05Z\"", "1"},
     {"\"2026-13-02T03:04:05Z\"", "\"today\""}},
    {R"({"format": "date"})", {"\"2024-02-29\""}, {"\"2023-02-29\"", "\"2023-1-1\""}},
    {R"({"format": "time"})", {"\"03:04:05Z\""}, {"\"25:00:00Z\""}},
    {R"({"format": "email"})", {"\"a.b@example.org\""}, {"\"a.example.org\"", "\"a@\""}},
    {R"({"format": "ipv4"})", {"\"127.0.0.1\""}, {"\"127.0.0\"", "\"::1\""}},
    {R"({"format": "ipv6"})", {"\"::1\""}, {"\"127.0.0.1\""}},
    {R"({"format": "uri"})", {"\"https://example.org/x?y#z\""}, {"\"/relative\"", "\"http://[\""}},
    {R"({"format": "uuid"})", {"\"01234567-89ab-cdef-0123-456789abcdef\""}, {"\"01234567\""}},
    {R"({"format": "duration"})",
     {"\"P1DT2H\"", "\"PT0.5S\"", "\"P3W\""},
     {"\"P\"", "\"PT\"", "\"1D\""}},
    {R"({"format": "json-pointer"})", {"\"\"", "\"/a~1b\""}, {"\"a\"", "\"/~2\""}},
    {R"({"format": "hostname"})", {"\"a-b.example\""}, {"\"-a\"", "\"a..b\""}},
};

TEST(JsonSchema, DecidesAsDraft7Says) {
  for (const Case& c : draft7_cases) {
    for (auto value : c.valid) EXPECT_TRUE(fits(c.schema, value)) << c.schema << " " << value;
    for (auto value : c.invalid) EXPECT_FALSE(fits(c.schema, value)) << c.schema << " " << value;
  }
}

TEST(JsonSchema, TextsWithNulAreNotCutShort) {
  EXPECT_FALSE(fits(R"({"maxLength": 2})", R"("a\u0000bcdef")"));
  EXPECT_FALSE(fits(R"({"const": "a"})", R"("a\u0000b")"));
  EXPECT_TRUE(fits(R"({"const": "a\u0000b"})", R"("a\u0000b")"));
}

TEST(JsonSchema, RefusesWhatItWouldHaveToIgnore) {
  EXPECT_EQ(first_problem(json(R"({"properties": {"a/b": {"minimun": 1}}})")),
            "/properties/a~1b/minimun: \"minimun\" is no keyword of JSON Schema draft 7");
  EXPECT_EQ(first_problem(json(R"({"$ref": "http://example.org/schema"})")),
            "/$ref: \"$ref\" must stay within the schema, such as \"#/definitions/name\"; "
            "\"http://example.org/schema\" does not");
  EXPECT_EQ(first_problem(json(R"({"items": {"$ref": "#/definitions/none"}})")),
            "/items/$ref: \"#/definitions/none\" does not lead to a schema");
  EXPECT_EQ(first_problem(json(R"({"properties": {"$ref": "#"}})")),
            "/properties/$ref: a schema must be an object, true or false");
  EXPECT_EQ(first_problem(json(R"({"enum": [{"type": "x"}], "items": {"$ref": "#/enum/0"}})")),
            "/items/$ref: \"#/enum/0\" does not lead to a schema");
  EXPECT_EQ(
      first_problem(json(
          R"({"definitions": {"a": {}}, "items": {"$ref": "#/definitions/a", "minimum": 1}})")),
      "/items/minimum: draft 7 ignores \"minimum\" beside \"$ref\"; put both into \"allOf\"");
  EXPECT_EQ(first_problem(json(R"({"items": {"$id": "x"}})")),
            "/items/$id: \"$id\" is supported at the top of a schema only");
  EXPECT_EQ(first_problem(json(R"({"format": "isbn"})")),
            "/format: the format \"isbn\" is not supported; use \"pattern\"");
}

TEST(JsonSchema, RefusesKeywordsOfTheWrongShape) {
  for (std::string_view schema : {R"({"type": "text"})",
                                  R"({"type": []})",
                                  R"({"required": "a"})",
                                  R"({"required": [1]})",
                                  R"({"minLength": -1})",
                                  R"({"minLength": 1.5})",
                                  R"({"minimum": "1"})",
                                  R"({"multipleOf": 0})",
                                  R"({"multipleOf": -1})",
                                  R"({"properties": []})",
                                  R"({"properties": {"a": 1}})",
                                  R"({"items": "x"})",
                                  R"({"allOf": []})",
                                  R"({"allOf": {}})",
                                  R"({"enum": 1})",
                                  R"({"uniqueItems": 1})",
                                  "{\"pattern\": \"(\"}",
                                  "{\"pattern\": \"(?=a)\"}",
                                  "{\"pattern\": \"((a{1000}){1000}){1000}\"}",
                                  R"({"patternProperties": {"[": {}}})",
                                  R"({"dependencies": {"a": [1]}})",
                                  R"({"$ref": 1})",
                                  R"({"not": null})",
                                  R"({"exclusiveMinimum": true})",
                                  "1",
                                  "null",
                                  "[]",
                                  R"({"title": 1})"}) {
    EXPECT_NE(first_problem(json(schema)), "none") << schema;
    EXPECT_FALSE(compile_schema(json(schema))) << schema;
  }
}

TEST(JsonSchema, RefusesSchemasThatLeadBackToThemselves) {
  for (
      auto schema :
      {R"({"$ref": "#"})", R"({"allOf": [{"$ref": "#"}]})",
       R"({"not": {"anyOf": [{}, {"$ref": "#"}]}})",
       R"({"definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}}, "$ref": "#/definitions/a"})",
       R"({"if": {"$ref": "#"}})", R"({"dependencies": {"a": {"$ref": "#"}}})"}) {
    EXPECT_NE(first_problem(json(schema)).find("only leads back to itself"), std::string::npos)
        << schema << first_problem(json(schema));
  }
}

TEST(JsonSchema, ViolationsNameThePlaceAndWhatIsWrong) {
  auto schema = schema_of(
      R"({"type": "object", "properties": {"a": {"items": {"type": "integer", "minimum": 3}}, "b/c": {"pattern": "^x"},
      "d": {"enum": [1]}, "e": false, "z": true}, 
      "patternProperties": {"^p": {"type": "string"}}, "additionalProperties": false, "required": ["z"]})");
  auto violations = find_violations(
      *schema, json(R"({"a": [5, 1, "x"], "b/c": "yx", "d": 2, "e": 1, "p1": 5, "q": 1})"));
  ASSERT_TRUE(violations);
  std::map<std::string, std::string> by_pointer;
  for (const auto& violation : *violations) by_pointer[violation.pointer] = violation.message;
  EXPECT_EQ(by_pointer[""], "missing required property 'z'");
  EXPECT_EQ(by_pointer["/a/1"], "expected number greater than or equal to 3.000000");
  EXPECT_EQ(by_pointer["/a/2"], "has a type that is not allowed here");
  EXPECT_EQ(by_pointer["/b~1c"], "must match the pattern ^x");
  EXPECT_EQ(by_pointer["/d"], "is none of the allowed values");
  EXPECT_EQ(by_pointer["/p1"], "has a type that is not allowed here");
  EXPECT_EQ(by_pointer["/q"], "is not allowed here");
  auto result = validate(*schema, json(R"({"pz": "x", "d": 2, "a": [], "z": 1})"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(result.error().message,
            "the value does not fit its schema: /d: is none of the allowed values");
}

TEST(JsonSchema, LongTextsAgainstNastyPatternsEnd) {
  auto schema = schema_of(
      R"({"pattern": "^(a|b)*$", "patternProperties": {"^(x+x+)+$": true}, "propertyNames": {"pattern": "^(a|aa)+$"}})");
  EXPECT_TRUE(validate(*schema, Json(std::string(200'000, 'a'))));
  EXPECT_FALSE(validate(*schema, Json(std::string(200'000, 'a') + "c")));
  EXPECT_FALSE(validate(*schema, JsonObject{{std::string(200'000, 'a') + "c", 1}}));
  auto formats = schema_of(R"({"format": "date-time"})");
  EXPECT_FALSE(validate(*formats, Json(std::string(200'000, '1'))));
  auto uri = schema_of(R"({"format": "uri"})");
  EXPECT_FALSE(validate(*uri, Json(std::string(200'000, '%'))));
}

TEST(JsonSchema, LargeValuesEnd) {
  JsonArray numbers;
  for (int i = 0; i < 100'000; ++i) numbers.push_back(i);
  Json many = numbers;
  EXPECT_TRUE(validate(*schema_of(R"({"uniqueItems": true})"), many));
  EXPECT_TRUE(validate(*schema_of(R"({"items": {"type": "integer"}})"), many));
  auto all_wrong = find_violations(*schema_of(R"({"items": {"type": "string"}})"), many);
  ASSERT_TRUE(all_wrong);
  EXPECT_EQ(all_wrong->size(), max_violations);
}

TEST(JsonSchema, DeepValuesAreTooLarge) {
  Json deep = 1;
  for (int i = 0; i < 1000; ++i) deep = JsonArray{std::move(deep)};
  auto result = validate(*schema_of(R"({"items": {"$ref": "#"}})"), deep);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::too_large);
}

// Each level applies the next one twice: 2^40 steps if nothing counted them.
TEST(JsonSchema, SchemasThatMultiplyEnd) {
  JsonObject definitions;
  for (int i = 0; i < 40; ++i) {
    Json next = JsonObject{{"$ref", fmt::format("#/definitions/d{}", i + 1)}};
    definitions[fmt::format("d{}", i)] = JsonObject{{"allOf", JsonArray{next, next}}};
  }
  definitions["d40"] = true;
  auto schema =
      compile_schema(JsonObject{{"definitions", definitions},
                                {"allOf", JsonArray{JsonObject{{"$ref", "#/definitions/d0"}}}}});
  ASSERT_TRUE(schema) << schema.error().message;
  auto result = validate(**schema, 1);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::too_large);
}

TEST(JsonSchema, LongChainsOfReferencesAreRefusedOrBounded) {
  for (int length : {50, 99, 150, 199, 5000}) {
    for (std::string_view step : {"plain", "items", "properties"}) {
      JsonObject definitions;
      for (int i = 0; i < length; ++i) {
        Json next = JsonObject{{"$ref", fmt::format("#/definitions/d{}", i + 1)}};
        if (step == "items") next = JsonObject{{"items", next}};
        if (step == "properties") next = JsonObject{{"properties", JsonObject{{"a", next}}}};
        definitions[fmt::format("d{}", i)] = next;
      }
      definitions[fmt::format("d{}", length)] = JsonObject{{"type", "array"}};
      auto schema =
          compile_schema(JsonObject{{"definitions", definitions}, {"$ref", "#/definitions/d0"}});
      if (length == 50) EXPECT_TRUE(schema) << step << ": " << schema.error().message;
      if (length == 5000) EXPECT_FALSE(schema) << step;
      if (schema) EXPECT_TRUE(validate(**schema, JsonArray{})) << step << " " << length;
    }
  }
}

TEST(JsonSchema, DeepAndHugeSchemasAreRefused) {
  Json deep = JsonObject{};
  for (int i = 0; i < 1000; ++i) deep = JsonObject{{"not", std::move(deep)}};
  EXPECT_FALSE(compile_schema(deep));
  JsonObject properties;
  for (int i = 0; i < 20'000; ++i) properties[std::to_string(i)] = JsonObject{};
  EXPECT_FALSE(compile_schema(JsonObject{{"properties", properties}}));
}

}  // namespace
}  // namespace auterity::engine
