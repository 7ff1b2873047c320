#include "api/process/ready_signal.h"

#include <unistd.h>

namespace auterity::api {

void signal_ready(std::optional<int> descriptor) {
  if (!descriptor) return;
  [[maybe_unused]] const ssize_t ignored = ::write(*descriptor, "\n", 1);
  ::close(*descriptor);
}

}  // namespace auterity::api
