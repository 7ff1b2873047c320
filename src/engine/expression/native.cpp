#include "engine/expression/native.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <cmath>
#include <limits>

namespace auterity::engine {
namespace {

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }

std::size_t name_length(std::string_view text) {
  if (text.empty() || !is_name_start(text[0])) return 0;
  std::size_t length = 1;
  while (length < text.size() && is_name(text[length])) ++length;
  return length;
}

// A quoted key at the start of `text`, taken off it. Escapes that JSON does not know are left to
// jq.
std::optional<std::string> take_string(std::string_view& text) {
  if (!text.starts_with('"')) return std::nullopt;
  std::size_t end = 1;
  while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
  if (end >= text.size()) return std::nullopt;
  auto parsed = parse_json(text.substr(0, end + 1));
  if (!parsed || !parsed->is_string()) return std::nullopt;
  text.remove_prefix(end + 1);
  return std::string(parsed->get_string());
}

// "[0]", "[-1]" or "[\"key\"]" at the start of `text`, taken off it.
std::optional<Expression::Step> take_bracket(std::string_view& text) {
  text.remove_prefix(1);
  Expression::Step step;
  if (auto key = take_string(text)) {
    step.key = std::move(*key);
  } else {
    step.is_index = true;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), step.index);
    constexpr std::int64_t limit = 1 << 30;
    if (error != std::errc() || step.index > limit || step.index < -limit) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  if (!text.starts_with(']')) return std::nullopt;
  text.remove_prefix(1);
  return step;
}

// The dot before the first step of a path that starts with one belongs to its root.
std::optional<Expression::Step> take_step(std::string_view& text, bool after_dot) {
  if (text.starts_with('[')) return take_bracket(text);
  if (!after_dot) {
    if (!text.starts_with('.')) return std::nullopt;
    text.remove_prefix(1);
  }
  Expression::Step step;
  if (std::size_t length = name_length(text)) {
    step.key = text.substr(0, length);
    text.remove_prefix(length);
    return step;
  }
  auto key = take_string(text);
  if (!key) return std::nullopt;
  step.key = std::move(*key);
  return step;
}

bool parse_path(std::string_view text, Expression& expression) {
  bool after_dot = false;
  if (text.starts_with('.')) {
    expression.root = ".";
    text.remove_prefix(1);
    after_dot = true;
  } else if (text.starts_with('$')) {
    std::size_t length = name_length(text.substr(1));
    // $ENV and $__loc__ are jq's own.
    if (length == 0 || text.substr(1, length) == "ENV" || text.substr(1).starts_with("__"))
      return false;
    expression.root = text.substr(0, length + 1);
    text.remove_prefix(length + 1);
  } else {
    return false;
  }
  while (!text.empty()) {
    auto step = take_step(text, after_dot);
    if (!step) return false;
    after_dot = false;
    expression.steps.push_back(std::move(*step));
  }
  return true;
}

std::string_view kind_name(const Json& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      return "null";
    case boost::json::kind::bool_:
      return "boolean";
    case boost::json::kind::string:
      return "string";
    case boost::json::kind::array:
      return "array";
    case boost::json::kind::object:
      return "object";
    default:
      return "number";
  }
}

// nullptr is jq's null.
Result<const Json*> follow(const Expression& expression, const Json* value) {
  for (const Expression::Step& step : expression.steps) {
    if (value == nullptr || value->is_null()) return nullptr;
    if (const auto* object = value->if_object(); object && !step.is_index) {
      value = object->if_contains(step.key);
    } else if (const auto* array = value->if_array(); array && step.is_index) {
      std::int64_t at = step.index < 0 ? step.index + std::ssize(*array) : step.index;
      value =
          at >= 0 && at < std::ssize(*array) ? &(*array)[static_cast<std::size_t>(at)] : nullptr;
    } else {
      return std::unexpected(expression_error(
          expression, step.is_index ? fmt::format("Cannot index {} with number", kind_name(*value))
                                    : fmt::format("Cannot index {} with string \"{}\"",
                                                  kind_name(*value), step.key)));
    }
  }
  return value;
}

}  // namespace

Expression parse_native(std::string_view text) {
  Expression expression;
  expression.text = text;
  // Every JSON document is a jq program that yields itself.
  if (auto literal = parse_json(text, {.max_bytes = 64 * 1024, .max_depth = 64})) {
    expression.native = true;
    normalise_numbers(*literal);
    expression.literal = std::move(*literal);
  } else if (parse_path(text, expression)) {
    expression.native = true;
  } else {
    expression.root.clear();
    expression.steps.clear();
  }
  return expression;
}

const Json* find_argument(const Arguments& arguments, std::string_view name) {
  if (const Json* local = arguments.locals.if_contains(name)) return local;
  auto pointer_to = [](const std::optional<Json>& value) { return value ? &*value : nullptr; };
  if (name == "context") return pointer_to(arguments.context);
  if (name == "input") return pointer_to(arguments.input);
  if (name == "output") return pointer_to(arguments.output);
  if (name == "secrets") return pointer_to(arguments.secrets);
  if (name == "authorization") return pointer_to(arguments.authorization);
  if (name == "task") return pointer_to(arguments.task);
  if (name == "workflow") return pointer_to(arguments.workflow);
  if (name == "runtime") return pointer_to(arguments.runtime);
  return nullptr;
}

Result<Json> evaluate_native(const Expression& expression, const Json& data,
                             const Arguments& arguments) {
  if (expression.literal) return *expression.literal;
  const Json* root = &data;
  if (expression.root != ".") {
    std::string_view name = std::string_view(expression.root).substr(1);
    root = find_argument(arguments, name);
    if (root == nullptr) return std::unexpected(unavailable_argument(expression, name));
  }
  AUTERITY_TRY(value, follow(expression, root));
  return value == nullptr ? Json(nullptr) : *value;
}

Error expression_error(const Expression& expression, std::string_view why) {
  constexpr std::size_t shown_bytes = 120;
  std::string text = expression.text.substr(0, shown_bytes);
  if (expression.text.size() > shown_bytes) {
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80)
      text.pop_back();
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0) text.pop_back();
    text += "…";
  }
  return {ErrorKind::failed, fmt::format("expression ${{ {} }} failed: {}", text, why),
          "compare the expression with the value that it was given"};
}

Error unavailable_argument(const Expression& expression, std::string_view name) {
  Error error = expression_error(expression, fmt::format("${} is not available here", name));
  error.hint =
      "see which arguments each kind of expression may use in the DSL's reference, and spell "
      "loop variables as `for.each`, `for.at` and `catch.as` name them";
  return error;
}

void replace_leaf(Json& value, std::string_view pointer, Json replacement) {
  // A leaf's pointer was made from this very value, so it is always found.
  *const_cast<Json*>(find_pointer(value, pointer)) = std::move(replacement);
}

void normalise_numbers(Json& value) {
  constexpr double exact_below = 9007199254740992.0;
  if (const double* number = value.if_double()) {
    if (std::isinf(*number)) {
      value = std::copysign(std::numeric_limits<double>::max(), *number);
    } else if (std::abs(*number) < exact_below && std::trunc(*number) == *number) {
      value = static_cast<std::int64_t>(*number);
    }
  } else if (auto* array = value.if_array()) {
    for (Json& element : *array) normalise_numbers(element);
  } else if (auto* object = value.if_object()) {
    for (auto& member : *object) normalise_numbers(member.value());
  }
}

std::optional<Result<Json>> evaluate_natively(const ExpressionSet& set, const Template& value,
                                              const Json& data, const Arguments& arguments) {
  if (value.is_literal()) return value.value();
  for (const auto& [pointer, index] : value.leaves()) {
    if (!set.expressions()[index].native) return std::nullopt;
  }
  Json result = value.value();
  for (const auto& [pointer, index] : value.leaves()) {
    auto leaf = evaluate_native(set.expressions()[index], data, arguments);
    if (leaf) {
      replace_leaf(result, pointer, std::move(*leaf));
    } else if (!value.is_lenient()) {
      return std::unexpected(std::move(leaf).error());
    }
  }
  return result;
}

bool is_truthy(const Json& value) {
  return !value.is_null() && !(value.is_bool() && !value.get_bool());
}

}  // namespace auterity::engine
