#include "harness/inline_jq.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <memory>

#include "engine/expression/native.h"

extern "C" {
#include <jq.h>
#include <jv.h>
}

namespace auterity::harness {
namespace {

using engine::Arguments;

JsonObject bindings(const Arguments& arguments) {
  JsonObject bound = arguments.locals;
  const auto bind = [&](std::string_view name, const std::optional<Json>& value) {
    if (value) bound[name] = *value;
  };
  bind("context", arguments.context);
  bind("input", arguments.input);
  bind("output", arguments.output);
  bind("secrets", arguments.secrets);
  bind("authorization", arguments.authorization);
  bind("task", arguments.task);
  bind("workflow", arguments.workflow);
  bind("runtime", arguments.runtime);
  return bound;
}

std::string text_of(jv value) {
  jv text = jv_dump_string(value, 0);
  std::string result(jv_string_value(text));
  jv_free(text);
  return result;
}

struct JqCloser {
  void operator()(jq_state* jq) const { jq_teardown(&jq); }
};

Result<Json> run_program(const std::string& program, const Json& data, const JsonObject& bound) {
  const std::unique_ptr<jq_state, JqCloser> jq(jq_init());
  jq_set_error_cb(jq.get(), [](void*, jv message) { jv_free(message); }, nullptr);
  if (!jq_compile_args(jq.get(), program.c_str(), jv_parse(to_text(Json(bound)).c_str())))
    return fail(ErrorKind::failed, "not a jq program: " + program);
  jq_start(jq.get(), jv_parse(to_text(data).c_str()), 0);
  jv result = jq_next(jq.get());
  if (jv_is_valid(result)) return boost::json::parse(text_of(result));
  if (!jv_invalid_has_msg(jv_copy(result))) {
    jv_free(result);
    return Json(nullptr);
  }
  return fail(ErrorKind::failed, text_of(jv_invalid_get_msg(result)));
}

}  // namespace

Result<Json> evaluate_inline(const engine::ExpressionSet& set, const engine::Template& value,
                             const Json& data, const Arguments& arguments) {
  Json result = value.value();
  for (const auto& [pointer, index] : value.leaves()) {
    const engine::Expression& expression = set.expressions()[index];
    Result<Json> leaf = expression.native ? engine::evaluate_native(expression, data, arguments)
                                          : run_program(expression.text, data, bindings(arguments));
    if (!leaf) return leaf;
    engine::replace_leaf(result, pointer, std::move(*leaf));
  }
  return result;
}

Async<Result<Json>> InlineJq::evaluate(engine::DefinitionPtr definition,
                                       const engine::Template& value, const Json& data,
                                       const Arguments& arguments) {
  co_return evaluate_inline(*definition->expressions, value, data, arguments);
}

Async<Result<std::vector<engine::ExpressionProblem>>> InlineJq::check(engine::DefinitionPtr) {
  co_return std::vector<engine::ExpressionProblem>{};
}

}  // namespace auterity::harness
