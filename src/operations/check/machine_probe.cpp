// What this machine has left: disk, memory, file handles, ports; and who keeps its clock.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/timex.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "operations/check/probes.h"
#include "operations/process_needs.h"
#include "targets/local/ports.h"

namespace auterity::operations::check {
namespace {

std::unexpected<Error> unknown(std::string why) {
  return fail(ErrorKind::unavailable, std::move(why), "look at it by hand");
}

Result<SpaceFacts> ask_disk(const Subject& subject) {
  std::error_code error;
  std::filesystem::path folder = subject.context.layout.home;
  while (!std::filesystem::exists(folder, error) && folder.has_relative_path())
    folder = folder.parent_path();
  const auto space = std::filesystem::space(folder, error);
  if (error) return unknown("the disk could not be asked: " + error.message());
  return SpaceFacts{space.available, space.capacity};
}

Result<SpaceFacts> ask_memory(const Subject& subject) {
  const auto available = find_memory(subject.context.files, "/proc/meminfo", "MemAvailable:");
  const auto total = find_memory(subject.context.files, "/proc/meminfo", "MemTotal:");
  if (!available || !total) return unknown("/proc/meminfo cannot be read");
  return SpaceFacts{*available, *total};
}

Result<std::uint64_t> ask_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return unknown("the limit could not be asked");
  return limit.rlim_max;
}

// adjtimex(2), asking alone. Containers may forbid even that.
Result<KernelClockFacts> ask_kernel_clock() {
  timex state{};
  const int answer = ::adjtimex(&state);
  if (answer < 0) return unknown(fmt::format("the kernel does not tell: {}", std::strerror(errno)));
  const bool synchronised = answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
  return KernelClockFacts{synchronised, Duration(state.esterror)};
}

PortFacts ask_port(const Subject& subject) {
  PortFacts facts;
  facts.port = subject.platform ? subject.platform->public_port
                                : static_cast<int>(subject.environment.number("ports.public"));
  const auto holder = local::find_port_holder(facts.port);
  if (!holder) {
    facts.free =
        local::is_free(subject.platform ? subject.platform->address : "127.0.0.1", facts.port);
    return facts;
  }
  facts.own = holder->folder.starts_with(subject.context.layout.state().string() + "/");
  facts.program = holder->program;
  facts.pid = holder->pid;
  return facts;
}

}  // namespace

Async<Result<MachineFacts>> ask_machine(const Subject& subject) {
  std::optional<std::uint64_t> largest;
  if (subject.platform) largest = co_await find_largest_process(subject.context, *subject.platform);
  co_return MachineFacts{.disk = ask_disk(subject),
                         .memory = ask_memory(subject),
                         .open_files = ask_file_limit(),
                         .clock = ask_kernel_clock(),
                         .port = ask_port(subject),
                         .processes = processes_of_deploy(subject),
                         .process_bytes = largest};
}

}  // namespace auterity::operations::check
