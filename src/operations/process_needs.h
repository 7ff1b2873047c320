#pragma once
// What processes of the platform take of the machine that they run on: the plan of a deploy and the
// check before it ask here, so that both say the same. Nothing is changed.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "operations/local_context.h"

namespace auterity::operations {

// That a deploy adds to a pool of this size: as many again of the new release, and `compared`
// replicas of the old one, as many again where it has a baseline and none otherwise.
constexpr int processes_of_deploy(int replicas, int workers, int compared) {
  return replicas + workers + compared;
}

// Bytes of one line of a table of /proc, "VmRSS:  123456 kB" (proc(5)); `line` with its colon.
std::optional<std::uint64_t> find_memory(Files& files, const std::filesystem::path& table,
                                         std::string_view line);

// Bytes that the largest process of the platform's pools has in memory; nullopt when none runs.
Async<std::optional<std::uint64_t>> find_largest_process(LocalContext& context,
                                                         const local::Platform& platform);

}  // namespace auterity::operations
