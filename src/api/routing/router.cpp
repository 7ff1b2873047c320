#include "api/routing/router.h"

#include <cassert>

namespace auterity::api {

struct Router::Node {
  std::string segment;
  std::vector<std::unique_ptr<Node>> children;
  std::unique_ptr<Node> parameter;
  std::array<const Route*, 8> by_method{};
  bool is_path = false;
};

namespace {

// Takes the first segment off: "/api/x" gives "api" and leaves "/x".
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

}  // namespace

Router::Router(const std::vector<Route>& routes) : root_(std::make_unique<Node>()) {
  for (const Route& route : routes) {
    assert((route.answer == nullptr) != (route.answer_at_once == nullptr));
    insert(route.path, route);
    insert(versioned_path(route.path), route);
  }
}

Router::~Router() = default;

void Router::insert(std::string_view path, const Route& route) {
  Node* node = root_.get();
  while (!path.empty()) {
    const std::string_view segment = take_segment(path);
    if (segment.starts_with('{')) {
      if (!node->parameter) node->parameter = std::make_unique<Node>();
      node = node->parameter.get();
      continue;
    }
    Node* next = nullptr;
    for (const auto& child : node->children)
      if (child->segment == segment) next = child.get();
    if (!next) {
      next = node->children.emplace_back(std::make_unique<Node>()).get();
      next->segment = segment;
    }
    node = next;
  }
  const Route*& slot = node->by_method[static_cast<std::size_t>(route.method)];
  assert(!slot && "two routes share a path and a method");
  slot = &route;
  node->is_path = true;
}

Router::Match Router::find(Method method, std::string_view path) const {
  Match match;
  const Node* node = root_.get();
  while (!path.empty()) {
    const std::string_view segment = take_segment(path);
    const Node* next = nullptr;
    for (const auto& child : node->children)
      if (child->segment == segment) next = child.get();
    if (!next && node->parameter && !segment.empty()) {
      next = node->parameter.get();
      match.parameter = segment;
    }
    if (!next) return {};
    node = next;
  }
  if (!node->is_path) return {};
  match.path_exists = true;
  match.by_method = &node->by_method;
  match.route = node->by_method[static_cast<std::size_t>(method)];
  if (!match.route && method == Method::head)
    match.route = node->by_method[static_cast<std::size_t>(Method::get)];
  return match;
}

std::string Router::allowed_methods(const Match& match) {
  std::string allowed;
  for (std::size_t i = 0; i < match.by_method->size(); ++i) {
    const auto method = static_cast<Method>(i);
    const bool implied =
        method == Method::options ||
        (method == Method::head && (*match.by_method)[static_cast<std::size_t>(Method::get)]);
    if (!(*match.by_method)[i] && !implied) continue;
    if (!allowed.empty()) allowed.append(", ");
    allowed.append(to_text(method));
  }
  return allowed;
}

std::string versioned_path(std::string_view path) {
  constexpr std::string_view kRoot = "/api/";
  if (path.starts_with(kRoot)) path.remove_prefix(kRoot.size() - 1);
  return "/api/v1" + std::string(path);
}

}  // namespace auterity::api
