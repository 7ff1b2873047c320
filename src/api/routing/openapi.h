#pragma once
// The OpenAPI 3.1 document of the table of routes (https://spec.openapis.org/oas/v3.1.0), with the
// schemas of openapi_schemas.h.
#include <string>
#include <vector>

#include "api/routing/route.h"
#include "core/json.h"

namespace auterity::api {

// Every route under its path; the /api/v1 twins are named in the descriptions.
Json make_openapi(const std::vector<Route>& routes);

}  // namespace auterity::api
