#pragma once
// What can be known of a jq expression without libjq: that its brackets, strings and comments are
// closed, so that it stays inside whatever it is put into, and which variables it mentions. Says
// nothing about whether it is a jq program: a jq evaluator does.
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace auterity::engine {

struct ExpressionFacts {
  // Names mentioned as "$name", sorted, without the "$"; labels, $__loc__ and $ENV are not
  // variables.
  std::vector<std::string> variables;
  // The ones of them that the expression itself binds somewhere ("as $x", "def f($x)"), sorted.
  std::vector<std::string> rebound;
  bool mentions_now = false;
};

// Bytes of one expression.
inline constexpr std::size_t max_expression_bytes = 32 * 1024;

// invalid_input when it is empty, not closed, closes what it did not open, is nested deeper than
// Scanner::max_depth or too long.
Result<ExpressionFacts> inspect_expression(std::string_view text);

}  // namespace auterity::engine
