#pragma once
// The processes of one release: API replicas behind the load balancer, and workers. Usually there
// is one pool; while a release replaces another there are two or three. A plain value.
#include <string>
#include <string_view>
#include <vector>

namespace auterity::local {

// The release in use and the next one take turns with two colours. The third pool holds new
// processes of the release in use, which a canary is compared with.
inline constexpr std::string_view kBlue = "blue";
inline constexpr std::string_view kGreen = "green";
inline constexpr std::string_view kBaseline = "baseline";

struct Pool {
  std::string colour = std::string(kBlue);
  std::string version;         // of its release
  std::string release_digest;  // of the release's content: a rebuilt program is another one
  int replicas = 2;
  int workers = 1;
  int percent = 100;  // of all requests

  // Service names: "blue-api-1" …, "blue-worker-1" …
  std::vector<std::string> api_names() const;
  std::vector<std::string> worker_names() const;
};

// What a service of a pool is: "green-worker-2" is worker 2 of green.
struct PoolMember {
  std::string_view colour;
  std::string_view component;  // "worker-2"
  bool is_api() const { return component.starts_with("api-"); }
};
// A colour of "" for names that no pool has ("postgres").
PoolMember parse_member(std::string_view service);

}  // namespace auterity::local
