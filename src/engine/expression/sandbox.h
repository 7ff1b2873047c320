#pragma once
// The walls around an evaluator process. Once inside, a process can compute, use a bounded amount
// of memory and processor time, and read and write the descriptors that it already has; it can
// open, create, connect, send signals, start or trace nothing, and dies with its parent. There is
// no way out again.
#include <chrono>
#include <cstddef>

namespace auterity::engine {

struct SandboxLimits {
  std::size_t memory_bytes = 512u << 20;  // beyond what the process maps when it enters
  std::chrono::seconds processor_time{
      60};  // of its whole life; evaluators ask to be replaced long before
};

// false when a wall could not be put up: the caller must then end the process without running
// anything foreign.
bool enter_sandbox(const SandboxLimits& limits);

}  // namespace auterity::engine
