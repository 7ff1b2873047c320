#pragma once
// Evaluation of templates. Purpose: jq without its dangers. libjq never runs in a process that holds secrets: jq programs go to
// disposable evaluator processes (empty environment, memory and CPU limits, seccomp), kept warm one definition each and talked to
// over a pipe; literals and plain paths never leave this process. A program that loops, aborts or eats memory costs its evaluator
// process and is an `expression` error; nothing else notices.
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/async.h"
#include "core/error.h"
#include "core/json.h"
#include "engine/definition/definition.h"

namespace auterity::engine {

// What an expression may refer to; absent members are not bound (availability matrix of the DSL) and using them is an error.
struct Arguments {
  std::optional<Json> context, input, output, secrets, authorization, task, workflow, runtime;
  JsonObject locals;  // for.each, for.at, catch.as variables
};

class Evaluator {
 public:
  virtual ~Evaluator() = default;
  // The template with every expression replaced by its first result on `data` (null when it yields nothing). Errors: failed
  // (expression error, with jq's word), timeout (over the time limit), too_large.
  virtual Async<Result<Json>> evaluate(DefinitionPtr definition, const Template& value, const Json& data,
                                       const Arguments& arguments) = 0;
};

// Evaluates without jq when every expression of the template is native; nullopt otherwise. Pure.
std::optional<Result<Json>> evaluate_natively(const ExpressionSet& set, const Template& value, const Json& data,
                                              const Arguments& arguments);

// jq's truth: everything but false and null.
bool is_truthy(const Json& value);

}  // namespace auterity::engine
