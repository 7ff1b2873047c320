#pragma once
// Telling a supervisor that this process is ready: a newline on a file descriptor, then it is
// closed (s6's notification-fd).
#include <optional>

namespace auterity::api {

// Does nothing without a descriptor; writing to one that is not open is harmless.
void signal_ready(std::optional<int> descriptor);

}  // namespace auterity::api
