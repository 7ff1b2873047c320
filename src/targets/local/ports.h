#pragma once
// TCP ports of this machine: finding a free one, and saying who holds a taken one. A free port is
// free at this instant only; the platform keeps what it chose, so that its services find each other
// again after a restart.
#include <optional>
#include <set>
#include <string>

#include "core/error.h"
#include "core/random.h"

namespace auterity::local {

// Whether `port` can be opened on `address` ("*" or an IPv4 address) now.
bool is_free(const std::string& address, int port);

// A loopback port below the range that the kernel gives to outgoing connections, not in `taken`.
Result<int> choose_free_port(Random& random, const std::set<int>& taken);

struct PortHolder {
  int pid = 0;
  std::string program;  // "haproxy"
  std::string folder;   // its working directory: tells which environment a service belongs to
};
// Who listens on `port`; nullopt when nobody does or another user's process hides it.
std::optional<PortHolder> find_port_holder(int port);

}  // namespace auterity::local
