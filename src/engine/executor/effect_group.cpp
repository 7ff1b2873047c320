#include "engine/executor/effect_group.h"

#include <boost/system/system_error.hpp>

namespace auterity::engine {

EffectGroup::EffectGroup(Executor executor, EffectPerformer& performer, Log& log,
                         std::function<void(EffectEnded)> on_outcome)
    : executor_(std::move(executor)),
      performer_(performer),
      log_(log),
      on_outcome_(std::move(on_outcome)) {}

void EffectGroup::start(ActivationId activation, EffectRequest request) {
  auto group = std::make_unique<TaskGroup>(
      executor_, "effect", [this](std::string_view, std::exception_ptr) {
        log_.error("engine", "an effect ended by an exception that nobody handled");
      });
  group->spawn("perform", perform(activation, std::move(request)));
  in_flight_.emplace(activation, std::move(group));
}

Async<void> EffectGroup::perform(ActivationId activation, EffectRequest request) {
  const std::string instance = request.task != nullptr ? request.task->pointer : "";
  EffectOutcome outcome;
  try {
    outcome = co_await performer_.perform(std::move(request));
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::system::errc::operation_canceled) throw;  // stopped: nobody asks
    outcome = std::unexpected(make_error(StandardError::runtime, error.what(), instance));
  } catch (const std::exception& error) {
    outcome = std::unexpected(make_error(StandardError::runtime, error.what(), instance));
  }
  if (!outcome && outcome.error().instance.empty()) outcome.error().instance = instance;
  on_outcome_(EffectEnded{activation, std::move(outcome)});
}

Async<void> EffectGroup::keep_only(std::set<ActivationId> wanted) {
  for (auto at = in_flight_.begin(); at != in_flight_.end();) {
    if (wanted.contains(at->first)) {
      ++at;
      continue;
    }
    if (at->second->running() > 0) {
      at->second->stop();
      co_await at->second->join();
    }
    at = in_flight_.erase(at);
  }
}

Async<void> EffectGroup::stop() { return keep_only({}); }

}  // namespace auterity::engine
