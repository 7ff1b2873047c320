#pragma once
// The workflows that the simulation runs, and what must be true of each when it has completed.
// Their expressions are plain paths and literals, so that no evaluator process is needed.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace auterity::simulation {

struct WorkflowKind {
  std::string_view name;
  std::string_view definition;  // YAML without its `document`
  // Paths that must have been requested for each completed execution.
  std::vector<std::string_view> effects;
  // Whether every effect is tried once only, so that all requests for a path carry the same key.
  bool one_key_a_path = true;
  bool completes_always = false;  // network faults cannot make it fault
  std::string_view output;        // JSON; empty: anything
};

std::span<const WorkflowKind> workflow_kinds();
std::string definition_of(const WorkflowKind& kind);

}  // namespace auterity::simulation
