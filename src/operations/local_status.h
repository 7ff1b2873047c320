#pragma once
// What `auterity status` and the API's status route say about a platform on this machine: only what
// was observed just now.
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "operations/backup/log_shipping.h"
#include "operations/journal/history.h"
#include "operations/journal/lock.h"
#include "operations/local_context.h"

namespace auterity::operations {

struct ComponentStatus {
  std::string name;     // "api-1"; with the colour before it when its pool is not the one in use
  std::string service;  // "blue-api-1"
  local::ServiceState state;
};

struct PoolStatus {
  std::string colour;
  std::string version;
  int percent = 0;  // of the requests
};

struct PlatformStatus {
  std::string environment;
  std::string version;
  std::string colour;
  std::string url;
  std::string health;      // "healthy", "unhealthy", "stopped"
  std::string evidence;    // of health
  std::string supervisor;  // "running", "stopped", or "gone": killed, while its services run on
  std::vector<PoolStatus> pools;                    // more than one while a deploy is under way
  std::vector<ComponentStatus> components;          // in starting order
  std::optional<Lease> operation;                   // that is at work now
  std::optional<OperationHistory> interrupted;      // whose process is gone
  std::optional<backup::LogShipping> log_shipping;  // nullopt: it never ran here
  Time observed_at;
  Json last_backup;  // the newest proven one, else the newest; null: none was taken here
};

// What people call a service: "api-1" for a member of the pool in use.
std::string component_name(const local::Platform& platform, std::string_view service);

// not_found when the environment was never started here.
Async<Result<PlatformStatus>> observe_platform(LocalContext& context);
JsonObject to_json(const PlatformStatus& status);

}  // namespace auterity::operations
