#include "engine/expression/schema_document.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <cmath>
#include <map>

#include "engine/expression/schema_keywords.h"

namespace auterity::engine {
namespace {

constexpr std::size_t max_depth = 64;
constexpr std::size_t max_schemas = 10'000;
constexpr std::size_t max_nesting = 200;  // of schemas that lead to each other, references followed
constexpr std::size_t max_entry_work = 200'000;  // schemas compiled again for patternProperties
constexpr std::int64_t max_pattern_memory = 1 << 20;

// "%7E" and the like; what is no such escape stays.
std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, code, 16).ptr ==
            text.data() + i + 3) {
      decoded.push_back(static_cast<char>(code));
      i += 2;
    } else {
      decoded.push_back(text[i]);
    }
  }
  return decoded;
}

class Flattener {
 public:
  std::expected<FlatSchema, std::vector<SchemaProblem>> flatten(const Json& document) {
    add(document, "", 0);
    resolve_references();
    if (flat_.entries.size() * schemas_.size() > max_entry_work) {
      report("", "patternProperties are used in too many places of a schema of this size");
    }
    if (problems_.empty()) refuse_endless_nesting();
    if (!problems_.empty()) return std::unexpected(std::move(problems_));
    JsonObject definitions;
    for (std::size_t number = 0; number < schemas_.size(); ++number) {
      definitions[std::to_string(number)] = std::move(schemas_[number].flat);
    }
    flat_.document = JsonObject{{"definitions", std::move(definitions)}};
    return std::move(flat_);
  }

 private:
  struct Edge {
    std::size_t to = 0;
    bool in_place = false;
  };
  struct Schema {
    std::string pointer;
    Json flat;
    std::vector<Edge> edges;
    std::string refers_to;  // pointer; set for references
    bool is_reference = false;
  };

  void report(std::string_view pointer, std::string message) {
    problems_.push_back({std::string(pointer), std::move(message)});
  }

  static Json link(std::size_t number) {
    return JsonObject{{"$ref", definition_reference(number)}};
  }

  // Takes in a schema and everything below it; its number.
  std::size_t add(const Json& schema, const std::string& pointer, std::size_t depth) {
    std::size_t number = schemas_.size();
    schemas_.emplace_back().pointer = pointer;
    flat_.checks.emplace_back();
    by_pointer_[pointer] = number;
    if (depth > max_depth || number >= max_schemas) {
      if (problems_.empty())
        report(pointer, fmt::format("more than {} schemas, or nested deeper than {}", max_schemas,
                                    max_depth));
    } else if (schema.is_bool()) {
      schemas_[number].flat = schema;
    } else if (const auto* object = schema.if_object()) {
      add_object(*object, number, depth);
    } else {
      report(pointer, "a schema must be an object, true or false");
    }
    return number;
  }

  void add_object(const JsonObject& object, std::size_t number, std::size_t depth) {
    const std::string pointer = schemas_[number].pointer;
    bool is_reference = object.contains("$ref");
    for (const auto& [key, value] : object) {
      std::string at = pointer + "/" + escape_pointer_token(key);
      auto keyword =
          std::ranges::find(schema_keywords, std::string_view(key), &SchemaKeyword::name);
      if (keyword == schema_keywords.end()) {
        report(at,
               fmt::format("\"{}\" is no keyword of JSON Schema draft 7", std::string_view(key)));
      } else if (auto wanted = wrong_shape(keyword->shape, value); !wanted.empty()) {
        report(at, fmt::format("\"{}\" must be {}", std::string_view(key), wanted));
      } else if (is_reference && keyword->shape != Shape::reference &&
                 keyword->shape != Shape::definitions && !is_annotation(key)) {
        report(at, fmt::format("draft 7 ignores \"{}\" beside \"$ref\"; put both into \"allOf\"",
                               std::string_view(key)));
      }
    }
    JsonObject flat;
    JsonArray all_of = {JsonObject{{checks_keyword, static_cast<std::int64_t>(number)}}};
    for (const SchemaKeyword& keyword : schema_keywords) {
      const Json* value = object.if_contains(keyword.name);
      if (value == nullptr || !wrong_shape(keyword.shape, *value).empty()) continue;
      if (has_no_effect(keyword, object)) {
        add(*value, pointer + "/" + escape_pointer_token(keyword.name), depth + 1);
      } else {
        take(keyword, *value, object, number, depth + 1, flat);
      }
    }
    if (auto* all = flat.if_contains("allOf")) {
      for (Json& element : all->get_array()) all_of.push_back(std::move(element));
    }
    // The checks come first: they are what bounds depth and steps.
    JsonObject ordered{{"allOf", std::move(all_of)}};
    for (auto& member : flat) ordered.emplace(member.key(), std::move(member.value()));
    if (!is_reference) schemas_[number].flat = std::move(ordered);
  }

  // Draft 7 gives these a meaning only in company; they are still checked for being schemas.
  static bool has_no_effect(const SchemaKeyword& keyword, const JsonObject& object) {
    if (keyword.name == "then" || keyword.name == "else") return !object.contains("if");
    const Json* items = object.if_contains("items");
    return keyword.name == "additionalItems" && (items == nullptr || !items->is_array());
  }

  std::size_t child(const SchemaKeyword& keyword, const Json& schema, std::size_t parent,
                    const std::string& at, std::size_t depth) {
    std::size_t number = add(schema, at, depth);
    schemas_[parent].edges.push_back({number, keyword.in_place});
    return number;
  }

  // Puts one well-formed keyword where it belongs: into the flat schema, or into the checks.
  void take(const SchemaKeyword& keyword, const Json& value, const JsonObject& object,
            std::size_t number, std::size_t depth, JsonObject& flat) {
    const std::string at = schemas_[number].pointer + "/" + escape_pointer_token(keyword.name);
    switch (keyword.shape) {
      case Shape::schema:
        flat[keyword.name] = link(child(keyword, value, number, at, depth));
        break;
      case Shape::schemas:
        flat[keyword.name] = take_list(keyword, value.get_array(), number, at, depth);
        break;
      case Shape::items:
        if (value.is_array()) {
          flat[keyword.name] = take_list(keyword, value.get_array(), number, at, depth);
        } else {
          flat[keyword.name] = link(child(keyword, value, number, at, depth));
        }
        break;
      case Shape::schema_map:
      case Shape::dependencies:
        flat[keyword.name] = take_map(keyword, value.get_object(), number, at, depth);
        break;
      case Shape::definitions:
        for (const auto& [key, schema] : value.get_object())
          add(schema, at + "/" + escape_pointer_token(key), depth);
        break;
      case Shape::pattern_map:
        take_pattern_properties(value.get_object(), object, number, at, depth);
        break;
      case Shape::additional:
        take_additional_properties(keyword, value, object, number, at, depth, flat);
        break;
      case Shape::reference:
        take_reference(value.get_string(), number, at);
        break;
      case Shape::identifier:
        if (number != 0) report(at, "\"$id\" is supported at the top of a schema only");
        break;
      default:
        take_plain(keyword, value, number, at, flat);
    }
  }

  void take_plain(const SchemaKeyword& keyword, const Json& value, std::size_t number,
                  const std::string& at, JsonObject& flat) {
    SchemaChecks& checks = flat_.checks[number];
    if (keyword.shape == Shape::pattern) {
      checks.pattern = compile_pattern(value.get_string(), at);
    } else if (keyword.shape == Shape::format) {
      checks.format = std::string_view(value.get_string());
      if (!knows_format(checks.format))
        report(at,
               fmt::format("the format \"{}\" is not supported; use \"pattern\"", checks.format));
    } else if (keyword.shape == Shape::unique) {
      checks.unique_items = value.get_bool();
    } else if (keyword.shape == Shape::positive) {
      checks.multiple_of = value.to_number<double>();
    } else if (!is_annotation(keyword.name)) {
      if (value.is_array()) checks.cost += value.get_array().size() / 4;
      flat[keyword.name] = value;
    }
  }

  Json take_list(const SchemaKeyword& keyword, const JsonArray& list, std::size_t number,
                 const std::string& at, std::size_t depth) {
    JsonArray links;
    for (std::size_t i = 0; i < list.size(); ++i) {
      links.push_back(link(child(keyword, list[i], number, fmt::format("{}/{}", at, i), depth)));
    }
    return links;
  }

  Json take_map(const SchemaKeyword& keyword, const JsonObject& map, std::size_t number,
                const std::string& at, std::size_t depth) {
    JsonObject links;
    for (const auto& [key, schema] : map) {
      std::string below = at + "/" + escape_pointer_token(key);
      if (keyword.shape == Shape::dependencies && schema.is_array()) {
        if (!is_list_of_texts(schema))
          report(below, "must be a list of property names, or a schema");
        links[key] = schema;
      } else {
        links[key] = link(child(keyword, schema, number, below, depth));
      }
    }
    flat_.checks[number].cost += map.size() / 4;
    return links;
  }

  void take_pattern_properties(const JsonObject& map, const JsonObject& object, std::size_t number,
                               const std::string& at, std::size_t depth) {
    for (const auto& [key, schema] : map) {
      std::string below = at + "/" + escape_pointer_token(key);
      Pattern pattern = compile_pattern(key, below);
      std::size_t entry = add(schema, below, depth);
      flat_.entries.push_back(entry);
      flat_.checks[number].pattern_properties.emplace_back(std::move(pattern), entry);
    }
    flat_.checks[number].cost += map.size();
    const Json* named = object.if_contains("properties");
    if (named == nullptr || !named->is_object()) return;
    for (const auto& member : named->get_object())
      flat_.checks[number].named_properties.emplace_back(member.key());
    std::ranges::sort(flat_.checks[number].named_properties);
  }

  void take_additional_properties(const SchemaKeyword& keyword, const Json& value,
                                  const JsonObject& object, std::size_t number,
                                  const std::string& at, std::size_t depth, JsonObject& flat) {
    if (object.contains("patternProperties")) {
      std::size_t entry = add(value, at, depth);
      flat_.entries.push_back(entry);
      flat_.checks[number].additional_properties = entry;
    } else if (value.is_bool()) {
      flat[keyword.name] = value;
    } else {
      flat[keyword.name] = link(child(keyword, value, number, at, depth));
    }
  }

  void take_reference(std::string_view reference, std::size_t number, const std::string& at) {
    schemas_[number].is_reference = true;
    if (reference.starts_with('#') && (reference.size() == 1 || reference[1] == '/')) {
      schemas_[number].refers_to = percent_decoded(reference.substr(1));
    } else {
      report(at, fmt::format("\"$ref\" must stay within the schema, such as "
                             "\"#/definitions/name\"; \"{}\" does not",
                             reference));
    }
  }

  Pattern compile_pattern(std::string_view text, const std::string& at) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(max_pattern_memory);
    auto pattern = std::make_shared<const RE2>(re2::StringPiece(text.data(), text.size()), options);
    if (!pattern->ok()) {
      report(
          at,
          fmt::format(
              "the pattern cannot be used: {}; look-around and back-references are not supported",
              pattern->error()));
    }
    return pattern;
  }

  void resolve_references() {
    for (Schema& schema : schemas_) {
      if (!schema.is_reference) continue;
      auto target = by_pointer_.find(schema.refers_to);
      if (target == by_pointer_.end()) {
        report(schema.pointer + "/$ref",
               fmt::format("\"#{}\" does not lead to a schema", schema.refers_to));
        continue;
      }
      schema.flat = link(target->second);
      schema.edges = {{target->second, true}};
    }
  }

  // valijson follows schemas by recursion: when it compiles, through all of them; when it
  // validates, through those that apply to the same value, for ever if they lead back.
  void refuse_endless_nesting() {
    std::vector<std::size_t> roots = flat_.entries;
    roots.push_back(0);
    for (std::size_t root : roots) {
      std::vector<bool> seen(schemas_.size());
      measure(root, 0, seen);
    }
    std::vector<char> state(schemas_.size(), 'n');
    for (std::size_t number = 0; number < schemas_.size() && problems_.empty(); ++number)
      follow_in_place(number, 0, state);
  }

  void measure(std::size_t number, std::size_t depth, std::vector<bool>& seen) {
    if (seen[number] || !problems_.empty()) return;
    seen[number] = true;
    if (depth > max_nesting)
      return report(schemas_[number].pointer,
                    "too many schemas lead to one another through references");
    for (const Edge& edge : schemas_[number].edges) measure(edge.to, depth + 1, seen);
  }

  void follow_in_place(std::size_t number, std::size_t depth, std::vector<char>& state) {
    if (state[number] == 'd' || !problems_.empty()) return;
    if (state[number] == 'o')
      return report(schemas_[number].pointer, "this schema only leads back to itself");
    if (depth > max_nesting)
      return report(schemas_[number].pointer,
                    "too many schemas apply to one value through references");
    state[number] = 'o';
    for (const Edge& edge : schemas_[number].edges) {
      if (edge.in_place) follow_in_place(edge.to, depth + 1, state);
    }
    state[number] = 'd';
  }

  FlatSchema flat_;
  std::vector<Schema> schemas_;
  std::map<std::string, std::size_t, std::less<>> by_pointer_;
  std::vector<SchemaProblem> problems_;
};

}  // namespace

std::expected<FlatSchema, std::vector<SchemaProblem>> flatten_schema(const Json& document) {
  return Flattener().flatten(document);
}

std::string definition_reference(std::size_t number) {
  return fmt::format("#/definitions/{}", number);
}

}  // namespace auterity::engine
