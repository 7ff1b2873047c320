#pragma once
// The settings of the roles serve and work, read and checked once at start: whatever is wrong is
// said before anything is opened.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/http_server/listen_address.h"
#include "api/metrics_page/metrics_peers.h"
#include "core/error.h"
#include "core/settings.h"
#include "core/time.h"

namespace auterity::api {

struct ProcessSettings {
  std::string database_url;  // secret
  std::string redis_url;     // secret; empty: no Redis
  std::string jwt_secret_key;
  std::string secrets_key;
  std::string metrics_token;  // secret; empty: none
  std::string objects_folder;
  std::string operations_folder;
  std::string base_url;
  std::string instance;
  std::string colour;
  std::string ai_service_url;
  ListenAddress listen;
  std::optional<ListenAddress> metrics_listen;
  MetricsPeers metrics_peers;  // without this process itself
  std::size_t database_connections = 8;
  std::size_t in_place = 512;
  std::uint64_t upload_limit = 0;  // bytes
  int retention_days = 90;
  std::optional<int> ready_descriptor;
  // How long the proxy in front needs to see that this process is no longer ready: two failed
  // checks of HAProxy, 1.2 s apart at most.
  Duration drain_notice = std::chrono::milliseconds(1500);
};

// not_ready: something is missing; invalid_input: something is malformed or weak. Neither repeats a
// secret.
Result<ProcessSettings> read_process_settings(const Environment& environment);

}  // namespace auterity::api
