#include "operations/recover/recover_request.h"

#include <boost/json.hpp>

namespace auterity::operations {

JsonObject to_json(const RecoverRequest& request) {
  return {{"source", request.source},
          {"backup", request.backup},
          {"files", request.files},
          {"to", request.to ? Json(to_rfc3339(*request.to)) : Json(nullptr)},
          {"begun_at", to_rfc3339(request.begun_at)},
          {"platform", local::to_json(request.facts)}};
}

Result<RecoverRequest> parse_recover_request(const JsonObject& request) {
  const auto text = [&](std::string_view name) {
    return std::string(string_or(request.if_contains(name), ""));
  };
  const auto begun_at = parse_rfc3339(text("begun_at"));
  const auto to = parse_rfc3339(text("to"));
  const Json* platform = request.if_contains("platform");
  auto facts = local::parse_kept_facts(platform == nullptr ? "" : auterity::to_text(*platform));
  if (!facts || !begun_at || text("source").empty() || text("backup").empty() ||
      (!to && !text("to").empty()))
    return fail(ErrorKind::invalid_input, "the journal's request is none of a recovery",
                "the operation was begun by another version of auterity; use that one to go on");
  return RecoverRequest{text("source"), text("backup"),   text("files"), to,
                        *begun_at,      std::move(*facts)};
}

}  // namespace auterity::operations
