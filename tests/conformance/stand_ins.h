#pragma once
// The services that scenarios call, on one local address:
//   /v2/pet/{id}  /v2/pet/findByStatus?status=S  /v2/swagger.json     the Swagger pet store, as far
//   as the scenarios use it /basic-auth/{user}/{password}  /bearer/{token}                    401
//   unless the Authorization header says the same /echo                          the request as
//   JSON: method, path, query, headers, body /status/{code}                 that status, with a
//   text body /flaky/{name}/{n}              503 for the first n requests of that name, then
//   {"attempt": n + 1} /slow/{milliseconds}           answers that much later /redirect/{n} 302 n
//   times, then /echo;  /redirect-to?url=U&status=S  to U, with that status
//   /content/{json|text|latin1|binary|broken|none|problem}            a body of that kind
#include "harness/stand_in_server.h"

namespace auterity::conformance {

harness::StandInServer::Handler make_stand_ins();

}  // namespace auterity::conformance
