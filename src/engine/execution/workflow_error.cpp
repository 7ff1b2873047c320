#include "engine/execution/workflow_error.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>

namespace auterity::engine {

Json WorkflowError::to_json() const {
  JsonObject object{{"type", type}, {"status", status}};
  if (!title.empty()) object["title"] = title;
  if (!detail.empty()) object["detail"] = detail;
  if (!instance.empty()) object["instance"] = instance;
  return object;
}

WorkflowError WorkflowError::from_json(const Json& value) {
  WorkflowError error;
  error.type = string_or(find_member(value, "type"), "");
  if (const Json* status = find_member(value, "status"); status && status->is_int64())
    error.status = static_cast<int>(status->get_int64());
  error.title = string_or(find_member(value, "title"), "");
  error.detail = string_or(find_member(value, "detail"), "");
  error.instance = string_or(find_member(value, "instance"), "");
  return error;
}

WorkflowError missing_secret(std::string_view name, std::string instance) {
  return make_error(
      StandardError::authorization,
      fmt::format("there is no secret named '{}' that this workflow may use; declare it under "
                  "use.secrets and store its value",
                  name),
      std::move(instance));
}

}  // namespace auterity::engine
