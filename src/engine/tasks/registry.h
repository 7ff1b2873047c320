#pragma once
// The one list of what this build can run: a behaviour for every keyword of the DSL that the
// definition model knows. To add a keyword: its struct in definition.h, its file here with one
// function, one line in registry.cpp.
#include "engine/definition/definition.h"
#include "engine/execution/task_behaviour.h"

namespace auterity::engine {

const TaskBehaviour& find_behaviour(const TaskBody& body);

const TaskBehaviour& do_behaviour();
const TaskBehaviour& set_behaviour();
const TaskBehaviour& switch_behaviour();
const TaskBehaviour& for_behaviour();
const TaskBehaviour& fork_behaviour();
const TaskBehaviour& try_behaviour();
const TaskBehaviour& raise_behaviour();
const TaskBehaviour& wait_behaviour();
const TaskBehaviour& emit_behaviour();
const TaskBehaviour& call_http_behaviour();
const TaskBehaviour& unsupported_behaviour();

}  // namespace auterity::engine
