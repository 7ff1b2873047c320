#include "engine/expression/json_schema.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <map>
#include <set>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/constraint_builder.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "engine/expression/native.h"
#include "engine/expression/schema_document.h"

namespace auterity::engine {
namespace {

using valijson::adapters::Adapter;
using valijson::adapters::BoostJsonAdapter;
using Context = std::vector<std::string>;

constexpr std::size_t max_value_depth = 128;
constexpr std::size_t max_steps = 2'000'000;
constexpr std::size_t max_stack_bytes = 3u << 20;

// Thrown through valijson, which knows no other way to be stopped; caught where it was called.
struct Stopped {
  bool because_of_size = false;  // else: enough violations are known
};

// Where the stack of the calling function is; not a variable's address, since address sanitizers
// keep variables elsewhere.
const char* stack_position() { return static_cast<const char*>(__builtin_frame_address(0)); }

// One call of validate(): how much is left of what it may take.
class Run {
 public:
  explicit Run(const char* stack_top) : stack_top_(stack_top) {}

  void spend(std::size_t steps) {
    const auto used = static_cast<std::size_t>(std::abs(stack_top_ - stack_position()));
    if (used > max_stack_bytes || steps > steps_left_) throw Stopped{.because_of_size = true};
    steps_left_ -= steps;
  }

 private:
  const char* stack_top_;
  std::size_t steps_left_ = max_steps;
};

// valijson hands nothing through to constraints; validation is synchronous.
thread_local Run* current_run = nullptr;

// valijson reads texts as C strings: a NUL would hide what follows. One unknown character stands in
// for another.
std::string without_nul(std::string_view text) {
  std::string result;
  for (char c : text) c == '\0' ? result += "\uFFFD" : result += c;
  return result;
}

bool is_plain(const Json& value, std::size_t depth) {
  if (depth > max_value_depth) throw Stopped{.because_of_size = true};
  if (value.is_double() || value.is_uint64()) return false;
  if (value.is_string()) return !std::string_view(value.get_string()).contains('\0');
  if (const auto* array = value.if_array()) {
    return std::ranges::all_of(*array,
                               [&](const Json& element) { return is_plain(element, depth + 1); });
  }
  if (const auto* object = value.if_object()) {
    return std::ranges::all_of(*object, [&](const auto& member) {
      return !std::string_view(member.key()).contains('\0') && is_plain(member.value(), depth + 1);
    });
  }
  return true;
}

// The value as valijson understands it: no NUL, whole numbers as integers, none beyond 64 bits.
Json plain(const Json& value) {
  if (const auto* text = value.if_string()) return Json(without_nul(*text));
  if (const auto* number = value.if_uint64()) return static_cast<double>(*number);
  if (const auto* array = value.if_array()) {
    JsonArray result;
    for (const Json& element : *array) result.push_back(plain(element));
    return result;
  }
  if (const auto* object = value.if_object()) {
    JsonObject result;
    for (const auto& [key, member] : *object) result.emplace(without_nul(key), plain(member));
    return result;
  }
  Json result = value;
  normalise_numbers(result);
  return result;
}

// Equal values have equal texts, whatever the order of their members.
void write_canonical(const Adapter& value, std::string& text) {
  if (value.isObject()) {
    std::map<std::string, std::string> members;
    value.applyToObject([&](const std::string& key, const Adapter& member) {
      write_canonical(member, members[key]);
      return true;
    });
    text += '{';
    for (const auto& [key, member] : members)
      text += fmt::format("{}:{}{},", key.size(), key, member);
    text += '}';
  } else if (value.isArray()) {
    text += '[';
    value.applyToArray([&](const Adapter& element) {
      write_canonical(element, text);
      text += ',';
      return true;
    });
    text += ']';
  } else if (value.isString()) {
    std::string content = value.asString();
    text += fmt::format("\"{}:{}", content.size(), content);
  } else if (value.isInteger()) {
    text += fmt::format("{}", value.asInteger());
  } else if (value.isDouble()) {
    text += fmt::format("{}", value.asDouble());
  } else {
    text += value.isNull() ? "n" : value.asBool() ? "t" : "f";
  }
}

bool has_repeated_items(const Adapter& array) {
  std::set<std::string> seen;
  bool all_new = array.applyToArray([&](const Adapter& element) {
    std::string text;
    write_canonical(element, text);
    current_run->spend(1 + text.size() / 64);
    return seen.insert(std::move(text)).second;
  });
  return !all_new;
}

bool is_multiple(const Adapter& value, double of) {
  if (value.isInteger() && std::trunc(of) == of && of < 9e15)
    return value.asInteger() % static_cast<std::int64_t>(of) == 0;
  double quotient =
      (value.isInteger() ? static_cast<double>(value.asInteger()) : value.asDouble()) / of;
  // What decimal fractions lose in binary is not the author's fault: 19.99 is a multiple of 0.01.
  return std::abs(quotient - std::round(quotient)) <= 1e-9 * std::max(1.0, std::abs(quotient));
}

bool matches(std::string_view text, const Pattern& pattern) {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *pattern);
}

struct Compiled {
  FlatSchema flat;
  std::map<std::size_t, valijson::Schema> entries;
};

// The constraint that stands first in every schema.
class ChecksConstraint final : public valijson::constraints::PolyConstraint {
 public:
  ChecksConstraint(const Compiled& compiled, std::size_t number)
      : compiled_(compiled), number_(number) {}

  bool validate(const Adapter& target, const Context& context,
                valijson::ValidationResults* results) const override {
    const SchemaChecks& checks = compiled_.flat.checks[number_];
    current_run->spend(checks.cost);
    if (results != nullptr && results->numErrors() >= 4 * max_violations) throw Stopped{};
    bool valid = true;
    auto violated = [&](std::string message) {
      valid = false;
      if (results != nullptr) results->pushError(context, message);
    };
    if (target.isString()) {
      std::string text =
          checks.pattern || !checks.format.empty() ? target.asString() : std::string();
      current_run->spend(text.size() / 256);
      if (checks.pattern && !matches(text, checks.pattern)) {
        violated(fmt::format("must match the pattern {}", checks.pattern->pattern()));
      }
      if (!checks.format.empty() && !has_format(text, checks.format)) {
        violated(fmt::format("must have the format {}", checks.format));
      }
    } else if (target.isNumber() && checks.multiple_of > 0) {
      if (!is_multiple(target, checks.multiple_of))
        violated(fmt::format("must be a multiple of {}", checks.multiple_of));
    } else if (target.isArray() && checks.unique_items) {
      if (has_repeated_items(target)) violated("must not hold the same item twice");
    } else if (target.isObject() &&
               (!checks.pattern_properties.empty() || checks.additional_properties)) {
      valid = validate_members(checks, target, context, results);
    }
    return valid;
  }

 private:
  bool validate_members(const SchemaChecks& checks, const Adapter& object, const Context& context,
                        valijson::ValidationResults* results) const {
    bool valid = true;
    object.applyToObject([&](const std::string& key, const Adapter& member) {
      bool is_additional = !std::ranges::binary_search(checks.named_properties, key);
      for (const auto& [pattern, entry] : checks.pattern_properties) {
        if (!matches(key, pattern)) continue;
        is_additional = false;
        valid = validate_member(entry, key, member, context, results) && valid;
      }
      if (is_additional && checks.additional_properties) {
        valid =
            validate_member(*checks.additional_properties, key, member, context, results) && valid;
      }
      return valid || results != nullptr;
    });
    return valid;
  }

  bool validate_member(std::size_t entry, const std::string& key, const Adapter& member,
                       const Context& context, valijson::ValidationResults* results) const {
    valijson::ValidationResults below;
    valijson::Validator validator;
    // Values are Boost.JSON's: only names of properties are not, and they are no objects.
    const auto& target = static_cast<const BoostJsonAdapter&>(member);
    bool valid = validator.validate(compiled_.entries.at(entry), target,
                                    results != nullptr ? &below : nullptr);
    if (valid || results == nullptr) return valid;
    Context here = context;
    here.push_back("[" + key + "]");
    if (below.numErrors() == 0) results->pushError(here, "is not allowed here");
    for (const auto& error : below) {
      Context place = here;
      place.insert(place.end(), error.context.begin() + 1, error.context.end());
      results->pushError(place, error.description);
    }
    return false;
  }

  Constraint* cloneInto(void* place) const override { return new (place) ChecksConstraint(*this); }
  std::size_t sizeOf() const override { return sizeof(ChecksConstraint); }

  const Compiled& compiled_;
  std::size_t number_;
};

class ChecksBuilder final : public valijson::ConstraintBuilder {
 public:
  explicit ChecksBuilder(const Compiled& compiled) : compiled_(compiled) {}
  valijson::constraints::Constraint* make(const Adapter& number) const override {
    return new ChecksConstraint(compiled_, static_cast<std::size_t>(number.asInteger()));
  }

 private:
  const Compiled& compiled_;
};

// "<root>", "[key]", "[0]" to a JSON pointer.
std::string pointer_of(const Context& context) {
  std::string pointer;
  for (std::size_t i = 1; i < context.size(); ++i) {
    pointer += "/" + escape_pointer_token(context[i].substr(1, context[i].size() - 2));
  }
  return pointer;
}

// Only reports that something below failed, which its own violations say better.
bool is_summary(std::string_view description) {
  return description.starts_with("Failed to validate item") ||
         description.starts_with("Failed to validate against child schema") ||
         description.starts_with("Failed to validate against additional") ||
         description.starts_with("Failed to validate against schema associated") ||
         description.starts_with("Failed to validate against dependent") ||
         description.starts_with("Failed to validate against a conditional");
}

std::string reworded(std::string description) {
  static const std::map<std::string, std::string, std::less<>> words = {
      {"Value type not permitted by 'type' constraint.", "has a type that is not allowed here"},
      {"Failed to match against any enum values.", "is none of the allowed values"},
      {"Failed to match expected value set by 'const' constraint.", "is not the one allowed value"},
      {"Failed to any values against subschema in 'contains' constraint.",
       "holds no item of the required kind"},
      {"Failed to validate against any schemas allowed by anyOf constraint.",
       "fits none of the alternatives"},
      {"Failed to validate against any child schemas allowed by oneOf constraint.",
       "fits none of the alternatives"},
      {"Failed to validate against exactly one child schema.",
       "fits more than one of the alternatives"},
      {"Target should not validate against schema specified in 'not' constraint.",
       "is of a kind that is excluded"}};
  if (auto known = words.find(description); known != words.end()) return known->second;
  if (description.ends_with('.')) description.pop_back();
  if (!description.empty())
    description[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(description[0])));
  return description;
}

std::vector<SchemaProblem> problems_of(const valijson::ValidationResults& results) {
  std::vector<SchemaProblem> problems, summaries;
  for (const auto& error : results) {
    SchemaProblem problem{pointer_of(error.context), reworded(error.description)};
    auto& list = is_summary(error.description) ? summaries : problems;
    bool is_known = std::ranges::any_of(list, [&](const SchemaProblem& p) {
      return p.pointer == problem.pointer && p.message == problem.message;
    });
    if (!is_known && list.size() < max_violations) list.push_back(std::move(problem));
  }
  if (!problems.empty()) return problems;
  // Where the schema is `false`, valijson has no word of its own.
  std::string pointer = summaries.empty() ? "" : summaries.front().pointer;
  return {{pointer, "is not allowed here"}};
}

std::unexpected<Error> too_much() {
  return fail(ErrorKind::too_large,
              "the value is too large or nested too deeply to be validated against this schema",
              "validate smaller parts, or simplify the schema");
}

std::string placed(const SchemaProblem& problem) {
  return problem.pointer.empty() ? problem.message : problem.pointer + ": " + problem.message;
}

}  // namespace

class JsonSchema {
 public:
  static std::expected<JsonSchemaPtr, std::vector<SchemaProblem>> compile(const Json& document) {
    auto flat = flatten_schema(document);
    if (!flat) return std::unexpected(std::move(flat).error());
    auto schema = std::make_shared<JsonSchema>();
    schema->compiled_.flat = std::move(*flat);
    // For the values in `const` and `enum`.
    Json flat_document = plain(schema->compiled_.flat.document);
    try {
      for (std::size_t entry : schema->compiled_.flat.entries) {
        schema->populate(flat_document, entry, schema->compiled_.entries[entry]);
      }
      schema->populate(flat_document, 0, schema->root_);
    } catch (const std::exception& error) {
      return std::unexpected(std::vector<SchemaProblem>{{"", reworded(error.what())}});
    }
    schema->compiled_.flat.document = nullptr;
    return schema;
  }

  // Throws Stopped.
  bool validate(const Json& value, valijson::ValidationResults* results) const {
    bool as_it_is = is_plain(value, 0);
    Json converted = as_it_is ? Json() : plain(value);
    valijson::Validator validator;
    return validator.validate(root_, BoostJsonAdapter(as_it_is ? value : converted), results);
  }

 private:
  void populate(Json& flat_document, std::size_t number, valijson::Schema& schema) {
    flat_document.get_object()["$ref"] = definition_reference(number);
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    // The parser owns its builders.
    parser.addConstraintBuilder(std::string(checks_keyword), new ChecksBuilder(compiled_));
    parser.populateSchema(BoostJsonAdapter(flat_document), schema);
  }

  Compiled compiled_;  // constraints refer to it
  valijson::Schema root_;
};

Result<JsonSchemaPtr> compile_schema(const Json& document) {
  auto schema = JsonSchema::compile(document);
  if (schema) return std::move(*schema);
  return fail(ErrorKind::invalid_input,
              "the schema cannot be used: " + placed(schema.error().front()),
              "correct it; JSON Schema draft 7 says what is possible");
}

std::vector<SchemaProblem> find_schema_problems(const Json& document) {
  auto schema = JsonSchema::compile(document);
  return schema ? std::vector<SchemaProblem>{} : std::move(schema).error();
}

Result<std::vector<SchemaProblem>> find_violations(const JsonSchema& schema, const Json& value) {
  const char* stack_top = stack_position();
  struct Restore {
    Run* outer = current_run;
    ~Restore() { current_run = outer; }
  } restore;
  valijson::ValidationResults results;
  try {
    // Twice, because collecting what is wrong makes valijson go on where it could stop.
    Run decide(stack_top), explain(stack_top);
    current_run = &decide;
    if (schema.validate(value, nullptr)) return std::vector<SchemaProblem>{};
    current_run = &explain;
    schema.validate(value, &results);
  } catch (const Stopped& stopped) {
    if (stopped.because_of_size) return too_much();
  }
  return problems_of(results);
}

Result<void> validate(const JsonSchema& schema, const Json& value) {
  AUTERITY_TRY(violations, find_violations(schema, value));
  if (violations.empty()) return {};
  std::string message = placed(violations.front());
  if (violations.size() > 1) message += fmt::format(" (and {} more)", violations.size() - 1);
  return fail(ErrorKind::invalid_input, "the value does not fit its schema: " + message,
              "correct the value at that place, or the schema");
}

}  // namespace auterity::engine
