#pragma once
// Errors inside a workflow: RFC 7807 problem details as the DSL uses them, catchable by `try`.
#include <string>
#include <string_view>

#include "core/json.h"

namespace auterity::engine {

struct WorkflowError {
  std::string type;  // URI
  int status = 500;
  std::string title;
  std::string detail;    // empty: absent
  std::string instance;  // JSON pointer of the task

  Json to_json() const;
  static WorkflowError from_json(const Json& value);
};

// The eight standard types of the DSL ("…/spec/1.0.0/errors/<name>") with their statuses.
enum class StandardError {
  configuration,
  validation,
  expression,
  authentication,
  authorization,
  timeout,
  communication,
  runtime
};
WorkflowError make_error(StandardError kind, std::string detail, std::string instance);
// `authorization`: the workflow refers to a secret that it does not declare or that does not exist.
WorkflowError missing_secret(std::string_view name, std::string instance);
// Compares two type URIs; spellings of the standard types from earlier versions of the DSL are one
// (see error_types.cpp).
bool same_error_type(std::string_view left, std::string_view right);

}  // namespace auterity::engine
