#include "operations/journal/lock.h"

#include <boost/json.hpp>

namespace auterity::operations {

JsonObject to_json(const Lease& lease) {
  return {{"holder", lease.holder},
          {"operation", lease.operation},
          {"step", lease.step},
          {"term", lease.term},
          {"acquired_at", to_rfc3339(lease.acquired_at)},
          {"expires_at", to_rfc3339(lease.expires_at)},
          {"released", lease.released}};
}

std::optional<Lease> parse_lease(const Json& value) {
  const auto acquired_at = parse_rfc3339(string_or(find_member(value, "acquired_at"), ""));
  const auto expires_at = parse_rfc3339(string_or(find_member(value, "expires_at"), ""));
  const Json* term = find_member(value, "term");
  const Json* released = find_member(value, "released");
  if (!acquired_at || !expires_at || term == nullptr || !term->is_number() || released == nullptr ||
      !released->is_bool())
    return std::nullopt;
  Lease lease;
  lease.holder = string_or(find_member(value, "holder"), "");
  lease.operation = string_or(find_member(value, "operation"), "");
  lease.step = string_or(find_member(value, "step"), "");
  lease.term = term->to_number<std::uint64_t>();
  lease.acquired_at = *acquired_at;
  lease.expires_at = *expires_at;
  lease.released = released->get_bool();
  return lease;
}

}  // namespace auterity::operations
