#pragma once
// Evaluation of templates. Purpose: jq without its dangers. libjq never runs in a process that
// holds secrets: jq programs go to disposable evaluator processes (empty environment, memory and
// CPU limits, seccomp), kept warm one definition each and talked to over a socket; literals and
// plain paths never leave this process. A program that loops, aborts or eats memory costs its
// evaluator process and is an `expression` error; nothing else notices. The processes are in
// evaluator_pool.h.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/async.h"
#include "core/error.h"
#include "core/json.h"
#include "core/time.h"
#include "engine/definition/definition.h"

namespace auterity::engine {

// What an expression may refer to; absent members are not bound (availability matrix of the DSL)
// and using them is an error.
struct Arguments {
  std::optional<Json> context, input, output, secrets, authorization, task, workflow, runtime;
  JsonObject locals;  // for.each, for.at, catch.as variables
  // What jq's `now` yields. Drawn once and recorded by the engine, so that a resumed execution
  // decides the same way; absent, the evaluator's clock is read.
  std::optional<Time> now;
};

// An expression that cannot be evaluated whatever the data, found before anything runs.
struct ExpressionProblem {
  std::string pointer;  // RFC 6901, in the definition
  std::string message;  // "syntax error, unexpected end of the expression", …
};

class Evaluator {
 public:
  virtual ~Evaluator() = default;
  // The template with every expression replaced by its first result on `data` (null when it yields
  // nothing). Errors: failed (expression error, with jq's word), timeout (over the time limit),
  // too_large.
  // `value`, `data` and `arguments` must outlive the coroutine: await it where they live, and never
  // spawn it with temporaries.
  virtual Async<Result<Json>> evaluate(DefinitionPtr definition, const Template& value,
                                       const Json& data, const Arguments& arguments) = 0;
  // Compiles every expression of the definition and answers the problems in document order: text
  // that is not jq, functions that jq lacks, variables that nothing in the definition binds. An
  // error only when that could not be found out.
  virtual Async<Result<std::vector<ExpressionProblem>>> check(DefinitionPtr definition) = 0;
};

// Evaluates without jq when every expression of the template is native; nullopt otherwise. Pure.
std::optional<Result<Json>> evaluate_natively(const ExpressionSet& set, const Template& value,
                                              const Json& data, const Arguments& arguments);

// Evaluates native templates and answers `failed` to the others: deterministic, without processes,
// for simulations. Its check() finds nothing, since it compiles nothing.
std::unique_ptr<Evaluator> make_native_evaluator();

// jq's truth: everything but false and null.
bool is_truthy(const Json& value);

}  // namespace auterity::engine
