#pragma once
// Schemas of request and answer documents, JSON Schema 2020-12 as OpenAPI 3.1 uses it.
#include "core/json.h"

namespace auterity::api {

// Name to schema: the members of components/schemas.
JsonObject openapi_schemas();

}  // namespace auterity::api
