#pragma once
// The OpenAPI 3.1 document of the table of routes (https://spec.openapis.org/oas/v3.1.0), with the
// schemas of openapi_schemas.h.
#include <string>
#include <vector>

#include "api/routing/route.h"
#include "core/json.h"

namespace auterity::api {

// `base_url` is the first server. Asserts that every schema a route names exists.
Json make_openapi(const std::vector<Route>& routes, const std::string& base_url);

}  // namespace auterity::api
