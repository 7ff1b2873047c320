#include "harness/engine_world.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdio>
#include <cstdlib>

#include "engine/definition/parser.h"

namespace auterity::harness {

using namespace engine;

namespace {

std::unexpected<Error> absent() { return fail(ErrorKind::not_found, "no such workflow"); }

}  // namespace

Uuid MemoryWorkflows::add(std::string_view text) {
  auto parsed = parse_definition(text);
  if (!parsed) {
    for (const Problem& problem : parsed.error())
      std::fputs((to_text(problem, "definition") + "\n").c_str(), stderr);
    std::abort();
  }
  Uuid id;
  id.bytes[15] = static_cast<std::uint8_t>(definitions_.size() + 1);
  definitions_.emplace(id, std::move(*parsed));
  return id;
}

Async<Result<PublishOutcome>> MemoryWorkflows::publish(DefinitionPtr, std::string) {
  co_return absent();
}
Async<Result<WorkflowView>> MemoryWorkflows::find(Uuid) { co_return absent(); }
Async<Result<WorkflowView>> MemoryWorkflows::find_by_name(std::string, std::string, std::string) {
  co_return absent();
}
Async<Result<DefinitionPtr>> MemoryWorkflows::definition(Uuid id) {
  if (hold) {
    boost::asio::steady_timer never(co_await boost::asio::this_coro::executor,
                                    boost::asio::steady_timer::time_point::max());
    co_await never.async_wait(boost::asio::use_awaitable);
  }
  const auto found = definitions_.find(id);
  if (found == definitions_.end()) co_return absent();
  co_return found->second;
}
Async<Result<std::vector<WorkflowView>>> MemoryWorkflows::list(std::optional<Uuid>, std::size_t) {
  co_return std::vector<WorkflowView>{};
}
Async<Result<std::vector<WorkflowView>>> MemoryWorkflows::versions(Uuid) {
  co_return std::vector<WorkflowView>{};
}
Async<Status> MemoryWorkflows::remove(Uuid) { co_return absent(); }

Async<Status> MemorySecrets::put(std::string name, Json value, std::string) {
  values[name] = std::move(value);
  co_return Status();
}
Async<Status> MemorySecrets::remove(std::string name) {
  values.erase(name);
  co_return Status();
}
Async<Result<std::vector<std::string>>> MemorySecrets::names() {
  std::vector<std::string> names;
  for (const auto& [name, value] : values) names.emplace_back(name);
  co_return names;
}
Async<Result<JsonObject>> MemorySecrets::resolve(std::vector<std::string> names) {
  JsonObject resolved;
  for (const std::string& name : names)
    if (const Json* value = values.if_contains(name)) resolved[name] = *value;
  co_return resolved;
}

void DirectBus::notify_ready() {
  for (const auto& handler : ready_) handler();
}
void DirectBus::notify_changed(Uuid execution) {
  for (const auto& handler : changed_) handler(execution);
}
void DirectBus::on_ready(std::function<void()> handler) { ready_.push_back(std::move(handler)); }
void DirectBus::on_changed(std::function<void(Uuid)> handler) {
  changed_.push_back(std::move(handler));
}
void DirectBus::disconnect() {
  ready_.clear();
  changed_.clear();
}

Async<Status> RecordingSink::deliver(Json cloud_event) {
  events.push_back(std::move(cloud_event));
  co_return Status();
}

Async<EffectOutcome> ScriptedEffects::perform(EffectRequest request) {
  requests.push_back(request);
  if (!answer) co_return std::move(request.arguments);
  co_return co_await answer(std::move(request));
}

EngineServices EngineWorld::services() { return services(store); }

EngineServices EngineWorld::services(ExecutionStore& executions) {
  return {.executor = loop.get_executor(),
          .clock = clock,
          .random = random,
          .log = log,
          .metrics = *metrics,
          .effects = effects,
          .evaluator = evaluator,
          .executions = executions,
          .workflows = workflows,
          .secrets = secrets,
          .bus = bus,
          .events = sink};
}

EngineOptions EngineWorld::options(std::string owner) {
  EngineOptions options;
  options.owner = std::move(owner);
  options.runtime_version = "1.2.3";
  return options;
}

}  // namespace auterity::harness
