#include <fmt/format.h>

#include "core/counted.h"
#include "operations/check/judgements.h"
#include "operations/check/verdicts.h"

namespace auterity::operations::check {
namespace {

constexpr std::uint64_t kMebibyte = 1u << 20;
constexpr std::uint64_t kDiskFloor = 1024 * kMebibyte;
constexpr std::uint64_t kMemoryFloor = 128 * kMebibyte;
constexpr std::uint64_t kUnseenProcess = 64 * kMebibyte;
constexpr std::uint64_t kFewFiles = 4096;
constexpr std::uint64_t kTooFewFiles = 1024;
constexpr Duration kLargeClockError = std::chrono::milliseconds(500);

// What could be asked is judged, what could not is skipped.
template <typename Fact, typename Judge>
Judgement judge_known(const Result<Fact>& fact, const Judge& judge) {
  return fact ? judge(*fact) : skipped(fact.error());
}

Judgement judge_disk(const SpaceFacts& space) {
  const std::uint64_t percent = space.free_bytes / (space.total_bytes / 100 + 1);
  const std::string evidence = fmt::format("{} free ({} %)", size_text(space.free_bytes), percent);
  if (space.free_bytes < kDiskFloor)
    return failed(evidence, "free at least 1 GiB: auterity release prune, old logs");
  if (percent < 10) return warn(evidence, "less than a tenth is free: auterity release prune");
  return pass(evidence);
}

Judgement judge_memory(const SpaceFacts& space) {
  const std::string evidence =
      fmt::format("{} of {} available", size_text(space.free_bytes), size_text(space.total_bytes));
  if (space.free_bytes < kMemoryFloor) return failed(evidence, "free memory before a deploy");
  if (space.free_bytes < space.total_bytes / 10)
    return warn(evidence, "less than a tenth is available");
  return pass(evidence);
}

Judgement judge_capacity(const SpaceFacts& space, const MachineFacts& machine) {
  const std::uint64_t each = machine.process_bytes.value_or(kUnseenProcess);
  const std::uint64_t needed = each * static_cast<std::uint64_t>(machine.processes);
  const std::string evidence =
      fmt::format("a deploy adds {} processes of {}{}, which take about {}; {} are available",
                  machine.processes, size_text(each),
                  machine.process_bytes ? ", the largest now" : " (a guess: none runs)",
                  size_text(needed), size_text(space.free_bytes));
  return space.free_bytes >= needed ? pass(evidence)
                                    : failed(evidence, "free memory, or run fewer processes");
}

Judgement judge_file_limit(std::uint64_t open_files) {
  const std::string evidence = fmt::format("a process may have {} files open", open_files);
  if (open_files < kTooFewFiles) return failed(evidence, "raise it: ulimit -n 65536");
  if (open_files < kFewFiles) return warn(evidence, "raise it: ulimit -n 65536");
  return pass(evidence);
}

Judgement judge_kernel_clock(const KernelClockFacts& clock) {
  if (!clock.synchronised)
    return warn("nothing keeps this machine's clock right", "start chrony or systemd-timesyncd");
  const std::string evidence = fmt::format(
      "kept right, off by about {} ms",
      std::chrono::duration_cast<std::chrono::milliseconds>(clock.estimated_error).count());
  return clock.estimated_error < kLargeClockError
             ? pass(evidence)
             : warn(evidence, "see what chrony or systemd-timesyncd says of its servers");
}

Judgement judge_port(const PortFacts& port) {
  if (port.own) return pass(fmt::format("port {} is the platform's own", port.port));
  if (port.free) return pass(fmt::format("port {} is free", port.port));
  return failed(
      port.program.empty()
          ? fmt::format("port {} is taken by another user's process", port.port)
          : fmt::format("port {} is taken by {} (pid {})", port.port, port.program, port.pid),
      "end that process, or choose another port: auterity up --port N");
}

}  // namespace

Findings judge_machine(const Result<MachineFacts>& facts) {
  if (!facts) return std::unexpected(facts.error());
  return std::vector<Finding>{{"disk", judge_known(facts->disk, judge_disk)},
                              {"memory", judge_known(facts->memory, judge_memory)},
                              {"capacity", judge_known(facts->memory,
                                                       [&](const SpaceFacts& space) {
                                                         return judge_capacity(space, *facts);
                                                       })},
                              {"file-limit", judge_known(facts->open_files, judge_file_limit)},
                              {"clock-synchronised", judge_known(facts->clock, judge_kernel_clock)},
                              {"ports", judge_port(facts->port)}};
}

}  // namespace auterity::operations::check
