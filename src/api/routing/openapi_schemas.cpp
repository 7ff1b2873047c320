#include "api/routing/openapi_schemas.h"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cassert>

namespace auterity::api {
namespace {

// clang-format off
constexpr std::string_view kSchemas = R"json({
"Any": {},
"Text": {"type": "string"},
"Bytes": {"type": "string", "format": "binary"},
"Time": {"type": "string", "format": "date-time"},
"OptionalTime": {"type": ["string", "null"], "format": "date-time"},
"Id": {"type": "string", "format": "uuid"},
"Problem": {
  "description": "What went wrong and what to do about it (RFC 9457).",
  "type": "object",
  "required": ["type", "title", "status", "detail", "instance", "request_id"],
  "properties": {
    "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
    "detail": {"type": "string"}, "instance": {"type": "string"}, "request_id": {"type": "string"},
    "hint": {"type": "string"},
    "problems": {"type": "array", "items": {"$ref": "#/components/schemas/DefinitionProblem"}}}},
"DefinitionProblem": {
  "type": "object", "required": ["line", "pointer", "message"],
  "properties": {"line": {"type": "integer"}, "pointer": {"type": "string"}, "message": {"type": "string"}}},
"Health": {
  "type": "object", "required": ["status", "timestamp", "version"],
  "properties": {"status": {"const": "healthy"}, "timestamp": {"type": "number"}, "version": {"type": "string"}}},
"Liveness": {
  "type": "object", "required": ["status", "timestamp"],
  "properties": {"status": {"const": "alive"}, "timestamp": {"type": "number"}}},
"Readiness": {
  "type": "object", "required": ["status", "timestamp", "db_version"],
  "properties": {
    "status": {"enum": ["ready", "not_ready"]}, "timestamp": {"type": "number"},
    "db_version": {"type": ["integer", "null"]}, "reason": {"type": "string"}}},
"DependencyCheck": {
  "type": "object", "required": ["status", "critical", "response_time_ms"],
  "properties": {
    "status": {"enum": ["unknown", "healthy", "unhealthy", "not_configured"]},
    "critical": {"type": "boolean"}, "response_time_ms": {"type": "number"}, "reason": {"type": "string"}}},
"DetailedHealth": {
  "type": "object", "required": ["status", "timestamp", "version", "checks"],
  "properties": {
    "status": {"enum": ["healthy", "degraded", "unhealthy"]}, "timestamp": {"type": "number"},
    "version": {"type": "string"},
    "checks": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/DependencyCheck"}}}},
"Credentials": {
  "type": "object", "required": ["email", "password"], "additionalProperties": false,
  "properties": {"email": {"type": "string"}, "password": {"type": "string"}}},
"RefreshRequest": {
  "type": "object", "required": ["refresh_token"], "additionalProperties": false,
  "properties": {"refresh_token": {"type": "string"}}},
"Tokens": {
  "type": "object", "required": ["access_token", "token_type", "expires_in", "refresh_token"],
  "properties": {
    "access_token": {"type": "string"}, "token_type": {"const": "bearer"},
    "expires_in": {"type": "integer", "description": "Seconds."}, "refresh_token": {"type": "string"}}},
"Role": {"enum": ["viewer", "editor", "operator", "admin"]},
"User": {
  "type": "object", "required": ["id", "email", "name", "role", "disabled", "created_at", "disabled_at", "last_login_at"],
  "properties": {
    "id": {"$ref": "#/components/schemas/Id"}, "email": {"type": "string"}, "name": {"type": "string"},
    "role": {"$ref": "#/components/schemas/Role"}, "disabled": {"type": "boolean"},
    "created_at": {"$ref": "#/components/schemas/Time"},
    "disabled_at": {"$ref": "#/components/schemas/OptionalTime"},
    "last_login_at": {"$ref": "#/components/schemas/OptionalTime"}}},
"NewUser": {
  "type": "object", "required": ["email", "password"], "additionalProperties": false,
  "properties": {
    "email": {"type": "string"}, "password": {"type": "string", "minLength": 8, "maxLength": 256},
    "name": {"type": "string", "maxLength": 200}, "role": {"$ref": "#/components/schemas/Role"}}},
"UserChange": {
  "type": "object", "additionalProperties": false,
  "properties": {
    "password": {"type": "string", "minLength": 8, "maxLength": 256}, "name": {"type": "string", "maxLength": 200},
    "role": {"$ref": "#/components/schemas/Role"}, "disabled": {"type": "boolean"}}},
"Definition": {"type": "object", "description": "An Open Workflow DSL 1.0 document."},
"WorkflowSummary": {
  "type": "object",
  "required": ["id", "namespace", "name", "version", "title", "summary", "checksum", "created_at", "created_by"],
  "properties": {
    "id": {"$ref": "#/components/schemas/Id"}, "namespace": {"type": "string"}, "name": {"type": "string"},
    "version": {"type": "string"}, "title": {"type": "string"}, "summary": {"type": "string"},
    "checksum": {"type": "string"}, "created_at": {"$ref": "#/components/schemas/Time"}, "created_by": {"type": "string"}}},
"Workflow": {
  "allOf": [
    {"$ref": "#/components/schemas/WorkflowSummary"},
    {"type": "object", "required": ["definition"],
     "properties": {"definition": {"$ref": "#/components/schemas/Definition"}}}]},
"ExecuteRequest": {
  "type": "object", "additionalProperties": false,
  "properties": {"input": {"description": "Any JSON; null when left out."}}},
"ExecuteManyRequest": {
  "type": "object", "required": ["inputs"], "additionalProperties": false,
  "properties": {"inputs": {"type": "array", "maxItems": 10000, "items": {}}}},
"ExecutionIds": {
  "type": "object", "required": ["count", "ids"],
  "properties": {"count": {"type": "integer"}, "ids": {"type": "array", "items": {"$ref": "#/components/schemas/Id"}}}},
"ExecutionStatus": {"enum": ["pending", "running", "waiting", "suspended", "cancelled", "faulted", "completed"]},
"Execution": {
  "type": "object", "required": ["id", "workflow_id", "status"],
  "properties": {
    "id": {"$ref": "#/components/schemas/Id"}, "workflow_id": {"$ref": "#/components/schemas/Id"},
    "status": {"$ref": "#/components/schemas/ExecutionStatus"},
    "input": {}, "output": {}, "error": {"$ref": "#/components/schemas/WorkflowError"},
    "trigger": {"type": "string"}, "started_by": {"type": "string"},
    "created_at": {"$ref": "#/components/schemas/Time"},
    "started_at": {"$ref": "#/components/schemas/OptionalTime"},
    "finished_at": {"$ref": "#/components/schemas/OptionalTime"},
    "wake_at": {"$ref": "#/components/schemas/OptionalTime"},
    "duration_ms": {"type": ["number", "null"]}}},
"WorkflowError": {
  "type": ["object", "null"],
  "properties": {
    "type": {"type": "string"}, "status": {"type": "integer"}, "title": {"type": "string"},
    "detail": {"type": "string"}, "instance": {"type": "string"}}},
"Event": {
  "type": "object", "required": ["number", "at", "type", "task", "data"],
  "properties": {
    "number": {"type": "integer"}, "at": {"$ref": "#/components/schemas/Time"},
    "type": {"type": "string"}, "task": {"type": "string"}, "data": {}}},
"RestartRequest": {
  "type": "object", "additionalProperties": false,
  "properties": {"from": {"type": "string", "description": "Pointer of the task to begin at; the start when left out."}}},
"Secret": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
"SecretValue": {
  "type": "object", "required": ["value"], "additionalProperties": false,
  "properties": {"value": {"description": "A text or any JSON but null."}}},
"File": {
  "type": "object", "required": ["id", "name", "content_type", "size", "sha256", "created_by", "created_at"],
  "properties": {
    "id": {"$ref": "#/components/schemas/Id"}, "name": {"type": "string"}, "content_type": {"type": "string"},
    "size": {"type": "integer"}, "sha256": {"type": "string"}, "created_by": {"type": "string"},
    "created_at": {"$ref": "#/components/schemas/Time"}}},
"PlatformStatus": {
  "type": "object", "required": ["status", "ready", "version", "instance", "colour", "url"],
  "properties": {
    "status": {"enum": ["healthy", "degraded", "unhealthy"]}, "ready": {"type": "boolean"}, "version": {"type": "string"},
    "instance": {"type": "string"}, "colour": {"type": "string"}, "url": {"type": "string"},
    "schema_revision": {"type": "integer"}, "started_at": {"$ref": "#/components/schemas/Time"},
    "uptime_seconds": {"type": "number"}, "executions_in_memory": {"type": "integer"}, "event_streams": {"type": "integer"},
    "dependencies": {"type": "object", "additionalProperties": {"type": "string"}}}},
"OperationSummary": {
  "type": "object", "required": ["id", "kind", "environment", "state", "who", "why", "program", "started_at", "finished_at", "failure"],
  "properties": {
    "id": {"type": "string"}, "kind": {"type": "string"}, "environment": {"type": "string"}, "state": {"type": "string"},
    "who": {"type": "string"}, "why": {"type": "string"}, "program": {"type": "string"},
    "started_at": {"$ref": "#/components/schemas/OptionalTime"},
    "finished_at": {"$ref": "#/components/schemas/OptionalTime"}, "failure": {"type": "string"}}},
"Backup": {
  "type": "object", "required": ["id", "kind", "taken_at", "size", "stored_size", "schema_revision", "verified_at",
    "location", "stamp", "state", "damage"],
  "properties": {
    "id": {"type": ["string", "null"], "description": "Null while the manifest cannot be read."},
    "kind": {"enum": ["database", "data", "all", "logical"]}, "taken_at": {"$ref": "#/components/schemas/Time"},
    "size": {"type": ["integer", "null"]}, "stored_size": {"type": ["integer", "null"]},
    "schema_revision": {"type": ["integer", "null"]}, "verified_at": {"$ref": "#/components/schemas/OptionalTime"},
    "location": {"type": "string"}, "stamp": {"type": "string"},
    "state": {"enum": ["proven", "unproven", "refuted", "damaged"]}, "damage": {"type": ["string", "null"]}}},
"Operation": {
  "allOf": [
    {"$ref": "#/components/schemas/OperationSummary"},
    {"type": "object", "required": ["request", "term", "satisfied", "changes", "steps", "continuations"],
     "properties": {
       "request": {"type": "object"}, "term": {"type": "integer"},
       "satisfied": {"type": "array", "items": {"type": "string"}},
       "changes": {"type": "object", "additionalProperties": {
         "type": "object", "required": ["text"], "properties": {"text": {"type": "array", "items": {"type": "string"}}}}},
       "steps": {"type": "array", "items": {"$ref": "#/components/schemas/OperationStep"}},
       "continuations": {"type": "array", "items": {"$ref": "#/components/schemas/OperationContinuation"}}}}]},
"OperationContinuation": {
  "type": "object", "required": ["what", "at", "who", "why", "program"],
  "properties": {
    "what": {"enum": ["resumed", "undoing", "finished"]}, "at": {"$ref": "#/components/schemas/Time"},
    "who": {"type": "string"}, "why": {"type": "string"}, "program": {"type": "string"}}},
"OperationStep": {
  "type": "object", "required": ["name", "description", "on_undo", "state", "evidence", "began_at", "at"],
  "properties": {
    "name": {"type": "string"}, "description": {"type": "string"}, "on_undo": {"enum": ["undo", "keep", "refuse"]},
    "state": {"type": "string"}, "evidence": {"type": "string"},
    "began_at": {"$ref": "#/components/schemas/OptionalTime"}, "at": {"$ref": "#/components/schemas/OptionalTime"}}}
})json";
// clang-format on

struct PageFacts {
  std::string_view name, item;
};
constexpr std::array kPages{PageFacts{"UserPage", "User"},
                            PageFacts{"WorkflowPage", "WorkflowSummary"},
                            PageFacts{"ExecutionPage", "Execution"},
                            PageFacts{"EventPage", "Event"},
                            PageFacts{"SecretPage", "Secret"},
                            PageFacts{"FilePage", "File"},
                            PageFacts{"OperationPage", "OperationSummary"},
                            PageFacts{"BackupPage", "Backup"}};

Json page_of(std::string_view item) {
  const JsonObject reference{{"$ref", "#/components/schemas/" + std::string(item)}};
  return JsonObject{
      {"type", "object"},
      {"required", JsonArray{Json("items"), Json("next_cursor")}},
      {"properties",
       JsonObject{{"items", JsonObject{{"type", "array"}, {"items", reference}}},
                  {"next_cursor", JsonObject{{"type", JsonArray{Json("string"), Json("null")}}}}}}};
}

}  // namespace

JsonObject openapi_schemas() {
  Result<Json> parsed = parse_json(kSchemas);
  assert(parsed && parsed->is_object() && "the schemas are JSON");
  JsonObject schemas = std::move(parsed->as_object());
  for (const PageFacts& page : kPages) schemas[page.name] = page_of(page.item);
  return schemas;
}

}  // namespace auterity::api
