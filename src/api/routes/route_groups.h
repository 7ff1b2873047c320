#pragma once
// Every group of routes; api_routes() is the one list of them all. To add a route: one row in its
// group's file.
#include <vector>

#include "api/routing/route.h"

namespace auterity::api {

std::vector<Route> health_routes();
std::vector<Route> auth_routes();
std::vector<Route> user_routes();
std::vector<Route> workflow_routes();
std::vector<Route> execute_routes();
std::vector<Route> execution_routes();
std::vector<Route> secret_routes();
std::vector<Route> file_routes();
std::vector<Route> platform_routes();

std::vector<Route> api_routes();

}  // namespace auterity::api
