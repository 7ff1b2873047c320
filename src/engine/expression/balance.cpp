#include "engine/expression/balance.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/expression/scanner.h"

namespace auterity::engine {
namespace {

using Kind = Token::Kind;

// Follows the tokens of one expression and remembers where names are bound. A pattern begins after
// `as` and ends at the `|` or `(` outside its own brackets; parameters stand between the brackets
// that follow `def name`.
class FactCollector {
 public:
  void see(const Token& token) {
    if (token.kind == Kind::identifier && previous_ == "$") {
      see_variable(token.text);
    } else if (token.is(Kind::identifier, "now")) {
      mentions_now_ = true;
    }
    follow_binding(token);
    before_previous_ = previous_;
    previous_ = token.text;
  }

  ExpressionFacts facts() && {
    ExpressionFacts facts;
    facts.variables.assign(variables_.begin(), variables_.end());
    facts.rebound.assign(rebound_.begin(), rebound_.end());
    facts.mentions_now = mentions_now_;
    return facts;
  }

 private:
  void see_variable(std::string_view name) {
    if (before_previous_ == "label" || before_previous_ == "break") return;
    if (name == "__loc__" || name == "ENV") return;
    variables_.emplace(name);
    if (binding_ != Binding::none) rebound_.emplace(name);
  }

  void follow_binding(const Token& token) {
    if (token.is(Kind::identifier, "as") && previous_ != "$") {
      binding_ = Binding::pattern;
      depth_ = 0;
    } else if (token.is(Kind::identifier, "def") && previous_ != "$") {
      binding_ = Binding::none;
      definition_name_next_ = true;
    } else if (definition_name_next_ && token.kind == Kind::identifier) {
      definition_name_next_ = false;
      parameters_next_ = true;
    } else if (parameters_next_) {
      parameters_next_ = false;
      if (token.text == "(") {
        binding_ = Binding::parameters;
        depth_ = 1;
      }
    } else if (previous_ == "as" && !starts_pattern(token)) {
      binding_ = Binding::none;  // an object's key, {as: 1}
    } else if (binding_ != Binding::none) {
      follow_depth(token);
    }
  }

  static bool starts_pattern(const Token& token) {
    return token.text == "$" || token.text == "[" || token.text == "{";
  }

  void follow_depth(const Token& token) {
    bool ends_pattern = binding_ == Binding::pattern && depth_ == 0 &&
                        (token.is(Kind::punctuation, "|") || token.is(Kind::opening, "("));
    if (ends_pattern) {
      binding_ = Binding::none;
    } else if (token.kind == Kind::opening) {
      ++depth_;
    } else if (token.kind == Kind::closing) {
      // Back at the bracket that held everything: the parameters, or whatever a malformed pattern
      // stood in.
      if (--depth_ <= 0 && (binding_ == Binding::parameters || depth_ < 0))
        binding_ = Binding::none;
    }
  }

  enum class Binding { none, pattern, parameters };
  Binding binding_ = Binding::none;
  int depth_ = 0;
  bool definition_name_next_ = false;
  bool parameters_next_ = false;
  std::string_view previous_, before_previous_;
  std::set<std::string, std::less<>> variables_, rebound_;
  bool mentions_now_ = false;
};

}  // namespace

Result<ExpressionFacts> inspect_expression(std::string_view text) {
  if (text.size() > max_expression_bytes) {
    return fail(ErrorKind::invalid_input,
                fmt::format("the expression is {} bytes long; at most {} are allowed", text.size(),
                            max_expression_bytes),
                "split it over several tasks");
  }
  if (text.contains('\0')) {
    return fail(ErrorKind::invalid_input, "the expression holds a NUL character", "remove it");
  }
  Scanner scanner(text);
  FactCollector collector;
  bool empty = true;
  for (Token token = scanner.next(); token.kind != Kind::end; token = scanner.next()) {
    if (token.kind == Kind::invalid) {
      return fail(
          ErrorKind::invalid_input,
          fmt::format("the expression is not closed properly at its character {}: {}",
                      token.offset + 1, token.text),
          "close every bracket, string and interpolation inside the expression itself; join "
          "several expressions as one: ${ \"\\(.a)-\\(.b)\" }");
    }
    empty = false;
    collector.see(token);
  }
  if (empty) {
    return fail(ErrorKind::invalid_input, "the expression is empty",
                "write jq, for example ${ . } for the whole value");
  }
  return std::move(collector).facts();
}

}  // namespace auterity::engine
