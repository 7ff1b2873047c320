#pragma once
// Holds a request's query against the parameters that its route declares (route.h): what nobody
// reads is refused, since a misspelt filter that is ignored answers another question than was
// asked.
#include <string_view>

#include "api/routing/route.h"
#include "core/error.h"

namespace auterity::api {

// invalid_input for a parameter that the route does not know (with the nearest one that it does),
// one that is given twice, and a malformed escape. Probes take anything: monitors add parameters of
// their own to keep caches out.
Status check_query(const Route& route, std::string_view query);

}  // namespace auterity::api
