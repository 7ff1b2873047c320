#pragma once
// Ports for servers of tests.

namespace auterity::harness {

// A TCP port on 127.0.0.1 that was free a moment ago.
int find_free_loopback_port();

}  // namespace auterity::harness
