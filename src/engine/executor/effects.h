#pragma once
// What leaves the process on a workflow's behalf. Purpose: one narrow door between the engine,
// which makes durable that an effect is about to happen and what came of it, and the code that
// makes it happen. An effect may be performed more than once (after a crash its outcome is
// unknown); it then carries the same idempotency key and equal arguments. Not here: retries (the
// DSL's `try` owns them), durability, timeouts of tasks (the engine cancels the calling coroutine).
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/async.h"
#include "core/json.h"
#include "core/uuid.h"
#include "engine/definition/definition.h"
#include "engine/execution/value.h"
#include "engine/execution/workflow_error.h"

namespace auterity::engine {

enum class EffectKind {
  call_http,       // CallHttpTask; arguments below
  emit,            // a CloudEvent; arguments are the event, structured JSON
  fetch_resource,  // an external resource such as a schema; arguments: {uri}; the outcome is its
                   // parsed content
};
std::string_view to_text(EffectKind kind);

// One effect to perform. Holds resolved secrets: never log or store `arguments` or `secrets`.
struct EffectRequest {
  EffectKind kind = EffectKind::call_http;
  DefinitionPtr definition;
  const Task* task = nullptr;  // of `definition`; null for a resource of the workflow itself
  Uuid execution;
  std::uint64_t activation = 0;  // one run of a task; a retry by `try` is another one
  std::uint32_t attempt = 1;     // of the innermost enclosing `try`
  // "<execution>:<activation>:<attempt>": the same for every repetition of this effect, never used
  // for another.
  std::string idempotency_key;
  std::string traceparent;  // W3C Trace Context of the execution; empty: none
  // call_http: every expression resolved:
  //   {uri: text (still a URI template when the task's endpoint_is_template), headers?: {…},
  //   query?: {…}, body?: any,
  //    authentication?: {scheme: "basic"|"bearer"|…, <properties>}, authorization?: {scheme,
  //    parameter}}
  // `authorization` is what the Authorization header says, known in advance for basic and bearer.
  Json arguments;
  Value input;  // the task's transformed input: the variables of a URI template
};

// A success is the task's raw output; a failure is raised at the task. `instance` may be left
// empty: the engine sets the task's pointer.
using EffectOutcome = std::expected<Json, WorkflowError>;

class EffectPerformer {
 public:
  virtual ~EffectPerformer() = default;
  // Cancelling the calling coroutine abandons the effect (task timeout, cancellation, lost lease):
  // its outcome is then not wanted.
  virtual Async<EffectOutcome> perform(EffectRequest request) = 0;
};

class EventSink;

// `emit`: hands the event to the sink; a sink that fails is a `communication` error.
std::unique_ptr<EffectPerformer> make_emit_performer(EventSink& sink);

// Sends each kind to its performer; a kind without one is a `configuration` error of the task.
class EffectRouter final : public EffectPerformer {
 public:
  explicit EffectRouter(std::map<EffectKind, std::unique_ptr<EffectPerformer>> performers);
  Async<EffectOutcome> perform(EffectRequest request) override;

 private:
  std::map<EffectKind, std::unique_ptr<EffectPerformer>> performers_;
};

}  // namespace auterity::engine
