#pragma once
// The Prefer header (RFC 7240) as far as the API honours it: wait=SECONDS and respond-async.
#include <optional>
#include <string_view>

#include "api/http_server/request.h"
#include "core/time.h"

namespace auterity::api {

struct Preferences {
  std::optional<std::chrono::seconds> wait;  // the first one counts; capped at kLongestWait
  bool respond_async = false;
};

inline constexpr std::chrono::seconds kDefaultWait{30};
inline constexpr std::chrono::seconds kLongestWait{120};

// All Prefer headers together. What is not understood is ignored, as the standard asks.
Preferences read_preferences(const Request& request);

}  // namespace auterity::api
