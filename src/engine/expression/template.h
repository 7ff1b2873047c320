#pragma once
// A value of a definition that may hold runtime expressions, compiled once. Three forms: a literal
// without expressions; one expression ("${ .a }", or bare jq where the DSL types the field as an
// expression); a JSON structure with expressions at some of its leaves. Each expression is balanced
// on its own (brackets, strings, comments closed), so that it cannot escape the program it is put
// into. Whether it is jq at all is known only after an evaluator has compiled it
// (Evaluator::check): libjq never runs here.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/json.h"

namespace auterity::engine {

// One expression of a definition. Literals ("1", "\"text\"", "{}") and plain paths (".a.b",
// "$context.x", ".items[0]") are evaluated natively; the rest by jq.
struct Expression {
  std::uint32_t index = 0;  // position in the definition's ExpressionSet
  std::string text;         // jq, without ${ }
  std::string
      pointer;  // RFC 6901, the first place in the document that holds this text; "" when not told
  bool lenient = false;  // loose mode only: text that is not jq stands for itself
  bool native = false;
  std::optional<Json> literal;  // set for native literals
  // For native paths: the root ("." or "$name") and the steps; a step is an object key or an array
  // index.
  std::string root;
  struct Step {
    std::string key;
    std::int64_t index = 0;
    bool is_index = false;
  };
  std::vector<Step> steps;
  // Names of the arguments mentioned ("context" for $context), sorted, and those of them that the
  // text binds itself.
  std::vector<std::string> variables, rebound;
  bool mentions_now = false;
};

// Every expression of one definition; a jq evaluator compiles them as one program that selects by
// index.
class ExpressionSet {
 public:
  // The index of `text`; equal texts share one. `pointer` says where in the document it stands.
  // invalid_input with the reason when the text is not balanced.
  Result<std::uint32_t> add(std::string_view text, std::string_view pointer = {},
                            bool lenient = false);
  const std::vector<Expression>& expressions() const { return expressions_; }
  // Equal texts in equal order give equal ids: the evaluator pool's key.
  const std::string& fingerprint() const { return fingerprint_; }
  void seal();  // computes the fingerprint; no add() afterwards

 private:
  std::vector<Expression> expressions_;
  std::map<std::string, std::uint32_t, std::less<>> by_text_;
  std::string fingerprint_;
};

class Template {
 public:
  Template() = default;
  static Template literal(Json value);
  static Template expression(std::uint32_t index);
  // `value` with expressions at the given RFC 6901 pointers. `lenient`: a leaf whose expression
  // fails keeps its text.
  static Template structure(Json value, std::vector<std::pair<std::string, std::uint32_t>> leaves,
                            bool lenient = false);

  bool is_literal() const { return leaves_.empty(); }
  bool is_lenient() const { return lenient_; }
  const Json& value() const { return value_; }
  // Pointer "" is the whole value.
  const std::vector<std::pair<std::string, std::uint32_t>>& leaves() const { return leaves_; }

 private:
  Json value_;
  std::vector<std::pair<std::string, std::uint32_t>> leaves_;
  bool lenient_ = false;
};

// strict: a text is an expression when it starts with "${" and ends with "}" (blanks around it
// aside); everything else is literal. loose: every text is tried as an expression, with or without
// "${ }", and stands for itself when it is none or fails.
enum class ExpressionMode { strict, loose };

// Compiles `value` into `set`. `bare` is for fields that the DSL types as runtime expressions (if,
// when, in, from, as …): a text is jq even without "${ }", in both modes, and its failure is an
// error in both. `pointer` is where `value` stands in the document. The first problem as
// invalid_input; nothing is added then that matters. Object keys are never expressions.
Result<Template> compile_template(const Json& value, ExpressionMode mode, bool bare,
                                  ExpressionSet& set, std::string_view pointer = {});

// Every problem that compile_template would meet, in document order, each with the pointer of its
// text below `pointer`.
struct TemplateProblem {
  std::string pointer;
  std::string message;
  std::string hint;
};
std::vector<TemplateProblem> find_template_problems(const Json& value, ExpressionMode mode,
                                                    bool bare, std::string_view pointer = {});

}  // namespace auterity::engine
