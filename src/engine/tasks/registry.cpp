#include "engine/tasks/registry.h"

namespace auterity::engine {
namespace {

struct Find {
  const TaskBehaviour& operator()(const DoTask&) const { return do_behaviour(); }
  const TaskBehaviour& operator()(const SetTask&) const { return set_behaviour(); }
  const TaskBehaviour& operator()(const SwitchTask&) const { return switch_behaviour(); }
  const TaskBehaviour& operator()(const ForTask&) const { return for_behaviour(); }
  const TaskBehaviour& operator()(const ForkTask&) const { return fork_behaviour(); }
  const TaskBehaviour& operator()(const TryTask&) const { return try_behaviour(); }
  const TaskBehaviour& operator()(const RaiseTask&) const { return raise_behaviour(); }
  const TaskBehaviour& operator()(const WaitTask&) const { return wait_behaviour(); }
  const TaskBehaviour& operator()(const EmitTask&) const { return emit_behaviour(); }
  const TaskBehaviour& operator()(const CallHttpTask&) const { return call_http_behaviour(); }
  const TaskBehaviour& operator()(const UnsupportedTask&) const { return unsupported_behaviour(); }
};

}  // namespace

const TaskBehaviour& find_behaviour(const TaskBody& body) { return std::visit(Find{}, body); }

}  // namespace auterity::engine
