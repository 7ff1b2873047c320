// Any bytes as an expression: what the balance check accepts must stay inside a pair of brackets
// put around it, whatever stands there, and nothing may crash.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "engine/expression/balance.h"
#include "engine/expression/native.h"
#include "engine/expression/scanner.h"
#include "engine/expression/template.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace auterity;
  using namespace auterity::engine;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (inspect_expression(text)) {
    const std::string wrapped = "(" + text + "\n)";
    // One level more and a few bytes more may pass the limits of a text that just keeps them.
    const bool near_limits = size + 8 > max_expression_bytes || size >= Scanner::max_depth;
    if (!near_limits && !inspect_expression(wrapped)) std::abort();
    if (inspect_expression(wrapped + ")") || inspect_expression("(" + wrapped)) std::abort();
    const Expression expression = parse_native(text);
    if (expression.native) (void)evaluate_native(expression, Json(text), Arguments{});
  }
  for (const ExpressionMode mode : {ExpressionMode::strict, ExpressionMode::loose}) {
    ExpressionSet set;
    const auto compiled = compile_template(Json(text), mode, false, set);
    if (compiled.has_value() != find_template_problems(Json(text), mode, false).empty())
      std::abort();
  }
  return 0;
}
