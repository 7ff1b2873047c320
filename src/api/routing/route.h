#pragma once
// One row of the table of routes. Dispatch, permissions, limits, metric labels, 405 answers, the
// /api/v1 twins and the OpenAPI document all come from it. Text members have static storage.
#include <cstdint>
#include <string_view>
#include <vector>

#include "api/auth/principal.h"
#include "api/http_server/application.h"
#include "core/error.h"

namespace auterity::api {

struct Services;

// Runs on the event loop without suspension; must be cheap.
using AnswerAtOnce = void (*)(Services&, Exchange&);
// An error becomes a problem document.
using Answer = Async<Status> (*)(Services&, Exchange&);

enum class BodyKind : std::uint8_t { none, json, definition, bytes };

struct ParameterFacts {
  std::string_view name;
  std::string_view place;  // "query" or "header"
  std::string_view description;
  std::string_view schema = R"({"type":"string"})";  // JSON Schema text
  bool required = false;
};

struct AnswerFacts {
  int status;
  std::string_view description;
  std::string_view schema;  // name under components/schemas; empty: no content
  std::string_view content_type = "application/json";
};

struct Route {
  Method method;
  std::string_view path;  // "/api/workflows/{id}": at most one parameter
  Permission permission;
  std::string_view name;  // operationId
  std::string_view tag;
  std::string_view summary;
  AnswerAtOnce answer_at_once = nullptr;  // exactly one of the two
  Answer answer = nullptr;
  BodyKind body = BodyKind::none;
  std::uint64_t body_limit = 1u << 20;  // bytes; 0 for bytes routes: the configured size of a file
  std::string_view request_schema;      // name under components/schemas
  std::vector<ParameterFacts> parameters;
  std::vector<AnswerFacts> answers;
  bool open_to_this_machine = false;  // no token needed from loopback or a unix socket
  bool is_probe = false;  // asked for every second by machines: logged only when it fails
};

}  // namespace auterity::api
