// GET /api/health, /detailed, /readiness, /liveness. All answer at once from what is known: asking
// for health loads nothing.
#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <iterator>

#include "api/health/health.h"
#include "api/paging.h"
#include "api/problem.h"
#include "api/routes/route_groups.h"
#include "api/services.h"
#include "core/version.h"

namespace auterity::api {
namespace {

// Seconds since the epoch with microseconds, a number: what the platform's monitors have always
// read here.
double timestamp(const Services& services) {
  return std::chrono::duration<double>(services.clock.now().time_since_epoch()).count();
}

// Written without a JSON value: load balancers ask for it all the time.
void append_timestamp(std::string& out, const Services& services) {
  const std::int64_t microseconds = to_epoch_microseconds(services.clock.now());
  fmt::format_to(std::back_inserter(out), "{}.{:06}", microseconds / 1'000'000,
                 microseconds % 1'000'000);
}

void answer_health(Services& services, Exchange& exchange) {
  std::string& body = exchange.response.body;
  body.append(R"({"status":"healthy","timestamp":)");
  append_timestamp(body, services);
  body.append(R"(,"version":")").append(version()).append("\"}");
}

void answer_liveness(Services& services, Exchange& exchange) {
  std::string& body = exchange.response.body;
  body.append(R"({"status":"alive","timestamp":)");
  append_timestamp(body, services);
  body.append("}");
}

Json describe(const DependencyHealth& dependency, bool to_stranger) {
  JsonObject check{{"status", to_text(dependency.state)},
                   {"critical", dependency.is_critical},
                   {"response_time_ms",
                    std::chrono::duration<double, std::milli>(dependency.response_time).count()}};
  if (!dependency.reason.empty()) check["reason"] = dependency.reason;
  if (!to_stranger)
    for (const auto& fact : dependency.facts) check[fact.key()] = fact.value();
  return check;
}

void answer_detailed(Services& services, Exchange& exchange) {
  JsonObject checks;
  for (const DependencyHealth& dependency : services.health.dependencies())
    checks[dependency.name] = describe(dependency, !exchange.principal);
  const std::string_view overall = services.health.overall();
  answer_json(exchange, overall == "unhealthy" ? 503 : 200,
              JsonObject{{"status", overall},
                         {"timestamp", timestamp(services)},
                         {"version", version()},
                         {"checks", std::move(checks)}});
}

void answer_readiness(Services& services, Exchange& exchange) {
  const Readiness readiness = services.health.readiness();
  JsonObject document{{"status", readiness.ready ? "ready" : "not_ready"},
                      {"timestamp", timestamp(services)}};
  document["db_version"] = readiness.schema_revision > 0 ? Json(readiness.schema_revision) : Json();
  if (!readiness.ready) document["reason"] = readiness.reason;
  answer_json(exchange, readiness.ready ? 200 : 503, document);
}

}  // namespace

std::vector<Route> health_routes() {
  return {
      {.method = Method::get,
       .path = "/api/health",
       .permission = Permission::public_access,
       .name = "getHealth",
       .tag = "health",
       .summary = "Whether this process answers",
       .answer_at_once = answer_health,
       .answers = {{200, "It does.", "Health"}},
       .is_probe = true},
      {.method = Method::get,
       .path = "/api/health/detailed",
       .permission = Permission::public_access,
       .name = "getDetailedHealth",
       .tag = "health",
       .summary = "What this process knows of its dependencies",
       .answer_at_once = answer_detailed,
       .answers = {{200, "Every critical dependency is healthy.", "DetailedHealth"},
                   {503, "A critical dependency is unhealthy.", "DetailedHealth"}},
       .is_probe = true},
      {.method = Method::get,
       .path = "/api/health/readiness",
       .permission = Permission::public_access,
       .name = "getReadiness",
       .tag = "health",
       .summary = "Whether to send requests to this process",
       .answer_at_once = answer_readiness,
       .answers = {{200, "Ready.", "Readiness"}, {503, "Not ready, and why.", "Readiness"}},
       .is_probe = true},
      {.method = Method::get,
       .path = "/api/health/liveness",
       .permission = Permission::public_access,
       .name = "getLiveness",
       .tag = "health",
       .summary = "Whether this process is alive",
       .answer_at_once = answer_liveness,
       .answers = {{200, "It is.", "Liveness"}},
       .is_probe = true},
  };
}

}  // namespace auterity::api
