#pragma once
// Which arguments an expression gets (DSL, Runtime expression arguments): the availability matrix
// by place, and the descriptors. Only what the template's texts refer to is bound, since a context
// or a definition can be large and most expressions use neither.
#include <expected>
#include <string_view>

#include "engine/execution/execution.h"
#include "engine/expression/evaluator.h"

namespace auterity::engine {

// Arguments for `what` where `activation` stands. The error is `authorization`: a secret is
// referred to that the workflow does not have.
std::expected<Arguments, WorkflowError> bind_arguments(const Execution& execution,
                                                       const Activation& activation,
                                                       const Template& what);

// {iso8601, epoch: {seconds, milliseconds}}
Json describe_time(Time time);

// Whether jq text refers to `$name`, and if so whether by member alone ("$workflow.id"). Errs on
// the side of yes.
struct Reference {
  bool used = false;
  bool whole = false;                     // not, or not only, by member
  std::vector<std::string_view> members;  // views into the text
};
Reference find_reference(std::string_view text, std::string_view name);

}  // namespace auterity::engine
