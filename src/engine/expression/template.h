#pragma once
// A value of a definition that may hold runtime expressions, compiled once. Three forms: a literal without expressions; one expression
// ("${ .a }", or bare jq where the DSL types the field as an expression); a JSON structure with expressions at some of its leaves.
// Each expression is balanced on its own (brackets, strings, comments closed), so that it cannot escape the program it is put into.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/json.h"

namespace auterity::engine {

// One expression of a definition. Plain paths (".a.b", "$context.x", ".items[0]") and "." are evaluated natively; the rest by jq.
struct Expression {
  std::uint32_t index = 0;  // position in the definition's ExpressionSet
  std::string text;         // jq, without ${ }
  bool native = false;
  // For native ones: the root ("." or "$name") and the steps; a step is an object key or an array index.
  std::string root;
  struct Step {
    std::string key;
    std::int64_t index = 0;
    bool is_index = false;
  };
  std::vector<Step> steps;
};

// Every expression of one definition; a jq evaluator compiles them as one program that selects by index.
class ExpressionSet {
 public:
  // invalid_input with the reason when the text is not balanced or is not a jq program.
  Result<std::uint32_t> add(std::string_view text);
  const std::vector<Expression>& expressions() const { return expressions_; }
  // Equal texts in equal order give equal ids: the evaluator pool's key.
  const std::string& fingerprint() const { return fingerprint_; }
  void seal();  // computes the fingerprint; no add() afterwards

 private:
  std::vector<Expression> expressions_;
  std::string fingerprint_;
};

class Template {
 public:
  Template() = default;
  static Template literal(Json value);
  static Template expression(std::uint32_t index);
  // `value` with expressions at the given RFC 6901 pointers.
  static Template structure(Json value, std::vector<std::pair<std::string, std::uint32_t>> leaves);

  bool is_literal() const { return leaves_.empty(); }
  const Json& value() const { return value_; }
  // Pointer "" is the whole value.
  const std::vector<std::pair<std::string, std::uint32_t>>& leaves() const { return leaves_; }

 private:
  Json value_;
  std::vector<std::pair<std::string, std::uint32_t>> leaves_;
};

enum class ExpressionMode { strict, loose };
// `bare` is for fields that the DSL types as runtime expressions (if, when, in, from, as …): their text is jq even without ${ }.
Result<Template> compile_template(const Json& value, ExpressionMode mode, bool bare, ExpressionSet& set);

}  // namespace auterity::engine
