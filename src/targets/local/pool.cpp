#include "targets/local/pool.h"

#include <fmt/format.h>

namespace auterity::local {
namespace {

std::vector<std::string> numbered(std::string_view colour, std::string_view role, int count) {
  std::vector<std::string> names;
  for (int index = 1; index <= count; ++index)
    names.push_back(fmt::format("{}-{}-{}", colour, role, index));
  return names;
}

}  // namespace

std::vector<std::string> Pool::api_names() const { return numbered(colour, "api", replicas); }
std::vector<std::string> Pool::worker_names() const { return numbered(colour, "worker", workers); }

PoolMember parse_member(std::string_view service) {
  for (const std::string_view colour : {kBlue, kGreen, kBaseline}) {
    if (!service.starts_with(colour) || service.size() <= colour.size()) continue;
    const std::string_view component = service.substr(colour.size() + 1);
    if (component.starts_with("api-") || component.starts_with("worker-"))
      return {colour, component};
  }
  return {};
}

}  // namespace auterity::local
