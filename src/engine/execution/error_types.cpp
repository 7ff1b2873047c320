// The standard error types of the DSL, and the spellings of their URIs. The specification writes
// ".../spec/1.0.0/errors/<name>"; its reference examples and conformance scenarios filter on
// ".../dsl/errors/types/<name>"; documents from before the project's change of name use the host
// serverlessworkflow.io for either. All of them mean the same type, so that a filter written after
// any of them works.
#include <array>
#include <utility>

#include "engine/execution/workflow_error.h"

namespace auterity::engine {
namespace {

struct StandardErrorFacts {
  std::string_view name;
  std::string_view title;
  int status;
};

constexpr std::array<StandardErrorFacts, 8> kStandardErrors = {{
    {"configuration", "Configuration Error", 400},
    {"validation", "Validation Error", 400},
    {"expression", "Expression Error", 400},
    {"authentication", "Authentication Error", 401},
    {"authorization", "Authorization Error", 403},
    {"timeout", "Timeout Error", 408},
    {"communication", "Communication Error", 500},
    {"runtime", "Runtime Error", 500},
}};

constexpr std::string_view kCanonicalPrefix =
    "https://open-workflow-specification.org/spec/1.0.0/errors/";

// Everything before the name, in any spelling that means a standard type.
constexpr std::array<std::string_view, 4> kPrefixes = {{
    kCanonicalPrefix,
    "https://open-workflow-specification.org/dsl/errors/types/",
    "https://serverlessworkflow.io/spec/1.0.0/errors/",
    "https://serverlessworkflow.io/dsl/errors/types/",
}};

// The name of a standard type, or empty.
std::string_view standard_name(std::string_view type) {
  for (const std::string_view prefix : kPrefixes) {
    if (!type.starts_with(prefix)) continue;
    const std::string_view name = type.substr(prefix.size());
    for (const StandardErrorFacts& facts : kStandardErrors)
      if (facts.name == name) return facts.name;
  }
  return {};
}

}  // namespace

WorkflowError make_error(StandardError kind, std::string detail, std::string instance) {
  const StandardErrorFacts& facts = kStandardErrors[static_cast<std::size_t>(kind)];
  WorkflowError error;
  error.type = std::string(kCanonicalPrefix) + std::string(facts.name);
  error.status = facts.status;
  error.title = facts.title;
  error.detail = std::move(detail);
  error.instance = std::move(instance);
  return error;
}

bool same_error_type(std::string_view left, std::string_view right) {
  if (left == right) return true;
  const std::string_view name = standard_name(left);
  return !name.empty() && name == standard_name(right);
}

}  // namespace auterity::engine
