#include "api/request_id.h"

#include <algorithm>

#include "core/uuid.h"

namespace auterity::api {

bool is_acceptable_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '_' || c == '-';
  });
}

std::string RequestIds::next(Time now) { return to_text(make_uuid(now, random_)); }

}  // namespace auterity::api
