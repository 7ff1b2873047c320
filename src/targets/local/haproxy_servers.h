#pragma once
// The servers behind HAProxy as it sees them at this moment, and the commands that bring them into
// the state that a platform's pools ask for. The configuration file says the same
// (haproxy_service.cpp) and is written first: what is set here is lost with the process. Source:
// HAProxy 2.6 management guide, sections 9.1 (CSV) and 9.3.
#include <string>
#include <string_view>
#include <vector>

#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"
#include "targets/local/platform.h"

namespace auterity::local {

struct BalancerServer {
  std::string name;    // "green-api-1"
  std::string status;  // "UP", "DOWN", "MAINT", "UP 1/2" …
  int weight = 0;      // 0 to 256
  int requests = 0;    // under way
  bool in_maintenance() const { return status.starts_with("MAINT"); }
  bool up() const { return status.starts_with("UP"); }
};

// From the answer to "show stat api 4 -1"; failed when it is something else.
Result<std::vector<BalancerServer>> parse_servers(std::string_view csv);
// unavailable when HAProxy does not answer.
Async<Result<std::vector<BalancerServer>>> find_servers(Clock& clock, const Platform& platform);

// What must be told to HAProxy so that its servers are as the pools say; empty: they are. Shares
// grow before others shrink, so that no request meets a pool without servers.
std::vector<std::string> split_commands(const Platform& platform,
                                        const std::vector<BalancerServer>& servers);
// Tells it, all at once. failed when HAProxy refuses a command.
Async<Status> apply_split(Clock& clock, Platform platform);

}  // namespace auterity::local
