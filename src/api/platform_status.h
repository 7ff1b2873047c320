#pragma once
// Who this process is, for /api/status.
#include <string>

#include "core/time.h"

namespace auterity::api {

struct PlatformStatus {
  std::string instance;  // "api-1"
  std::string colour;    // "blue", "green" or empty
  std::string base_url;
  Time started_at;
};

}  // namespace auterity::api
