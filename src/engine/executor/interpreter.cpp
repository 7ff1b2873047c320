#include "engine/executor/interpreter.h"

#include <boost/json/object.hpp>
#include <boost/system/system_error.hpp>

namespace auterity::engine {
namespace {

constexpr int kTries = 4;
constexpr Duration kFirstPause = std::chrono::milliseconds(50);

// Whether the error says something about the expression, and not about the machinery that evaluates
// it.
bool is_about_expression(ErrorKind kind) {
  return kind == ErrorKind::failed || kind == ErrorKind::invalid_input ||
         kind == ErrorKind::timeout || kind == ErrorKind::too_large;
}

// What `work` answers; an exception of it is an error of kind internal.
Async<Result<Json>> answer_of(Async<Result<Json>> work) {
  try {
    co_return co_await std::move(work);
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::system::errc::operation_canceled) throw;
    co_return fail(ErrorKind::internal, error.what(), "report this");
  } catch (const std::exception& error) {
    co_return fail(ErrorKind::internal, error.what(), "report this");
  }
}

}  // namespace

Async<std::expected<Json, WorkflowError>> Interpreter::evaluate(DefinitionPtr definition,
                                                                const Template& what, Value data,
                                                                Arguments arguments) {
  for (int tried = 1;; ++tried) {
    Result<Json> result =
        co_await answer_of(evaluator_.evaluate(definition, what, *data, arguments));
    if (result) co_return std::move(*result);
    if (is_about_expression(result.error().kind))
      co_return std::unexpected(make_error(StandardError::expression, result.error().message, {}));
    if (tried == kTries)
      co_return std::unexpected(make_error(StandardError::runtime, result.error().message, {}));
    co_await clock_.sleep(kFirstPause * tried);
  }
}

Async<Evaluated> Interpreter::evaluate(const Execution& execution, ActivationId activation) {
  auto evaluation = evaluation_of(execution, activation);
  if (!evaluation) co_return Evaluated{activation, std::unexpected(std::move(evaluation).error())};
  co_return Evaluated{activation,
                      co_await evaluate(execution.surroundings->definition, *evaluation->what,
                                        evaluation->data, std::move(evaluation->arguments))};
}

Async<std::expected<Json, WorkflowError>> Interpreter::fetch(const Execution& execution,
                                                             const Validation& validation) {
  auto uri = co_await evaluate(execution.surroundings->definition, *validation.schema->resource_uri,
                               validation.data, {});
  if (!uri) co_return std::unexpected(std::move(uri).error());
  EffectRequest request;
  request.kind = EffectKind::fetch_resource;
  request.definition = execution.surroundings->definition;
  request.task = validation.task;
  request.execution = execution.surroundings->id;
  request.arguments = JsonObject{{"uri", std::move(*uri)}};
  co_return co_await effects_.perform(std::move(request));
}

Async<std::expected<JsonSchemaPtr, WorkflowError>> Interpreter::compiled(
    const Execution& execution, const Validation& validation) {
  if (JsonSchemaPtr known = schemas_.find(*validation.schema)) co_return known;
  Json document;
  if (validation.schema->resource_uri) {
    auto fetched = co_await fetch(execution, validation);
    if (!fetched) co_return std::unexpected(std::move(fetched).error());
    document = std::move(*fetched);
  } else {
    document = validation.schema->document;
  }
  auto schema = schemas_.add(execution.surroundings->definition, *validation.schema, document);
  if (!schema)
    co_return std::unexpected(
        make_error(StandardError::configuration, schema.error().message, validation.instance));
  co_return std::move(*schema);
}

Async<Validated> Interpreter::validate(const Execution& execution, ActivationId activation) {
  const Validation validation = validation_of(execution, activation);
  auto schema = co_await compiled(execution, validation);
  if (!schema) co_return Validated{activation, std::unexpected(std::move(schema).error())};
  const auto valid = engine::validate(**schema, *validation.data);
  if (valid) co_return Validated{activation, {}};
  co_return Validated{activation,
                      std::unexpected(make_error(StandardError::validation, valid.error().message,
                                                 validation.instance))};
}

}  // namespace auterity::engine
