#include "api/entity_tag.h"

namespace auterity::api {
namespace {

// Weak comparison: "W/" says nothing here.
bool holds(std::string_view list, std::string_view quoted) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view one = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    while (one.starts_with(' ') || one.starts_with('\t')) one.remove_prefix(1);
    while (one.ends_with(' ') || one.ends_with('\t')) one.remove_suffix(1);
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == quoted || one == "*") return true;
  }
  return false;
}

}  // namespace

bool answer_unchanged(Exchange& exchange, std::string_view tag) {
  std::string quoted;
  quoted.append("\"").append(tag).append("\"");
  const auto known = exchange.request.header("If-None-Match");
  const bool unchanged = known && holds(*known, quoted);
  exchange.response.add_header("ETag", std::move(quoted));
  exchange.response.add_header("Cache-Control", "private, no-cache");
  if (unchanged) exchange.response.status = 304;
  return unchanged;
}

}  // namespace auterity::api
