#include "api/routes/route_groups.h"

#include <iterator>

namespace auterity::api {

std::vector<Route> api_routes() {
  std::vector<Route> all;
  for (auto group : {health_routes, auth_routes, user_routes, workflow_routes, execute_routes,
                     execution_routes, secret_routes, file_routes, platform_routes}) {
    std::vector<Route> routes = group();
    all.insert(all.end(), std::make_move_iterator(routes.begin()),
               std::make_move_iterator(routes.end()));
  }
  return all;
}

}  // namespace auterity::api
