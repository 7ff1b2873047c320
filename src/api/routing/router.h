#pragma once
// Finds the route of a path and method. Built once from the table of routes; each route answers
// under its own path and its /api/v1 twin. Paths are compared segment by segment as sent; a
// parameter is percent-decoded.
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/routing/route.h"

namespace auterity::api {

class Router {
 public:
  // `routes` must outlive the router. Asserts that no two routes share path and method.
  explicit Router(const std::vector<Route>& routes);
  ~Router();

  struct Match {
    const Route* route = nullptr;
    bool path_exists = false;    // with other methods: 405
    std::string_view parameter;  // as sent
    const std::array<const Route*, 8>* by_method = nullptr;
  };
  // GET answers HEAD.
  Match find(Method method, std::string_view path) const;

  // "GET, HEAD, OPTIONS, POST": the value of Allow.
  static std::string allowed_methods(const Match& match);

 private:
  struct Node;
  void insert(std::string_view path, const Route& route);
  std::unique_ptr<Node> root_;
};

// "/api/x" to "/api/v1/x"; "/metrics" to "/api/v1/metrics".
std::string versioned_path(std::string_view path);

}  // namespace auterity::api
