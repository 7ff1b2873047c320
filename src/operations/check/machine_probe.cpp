// What this machine has left: disk, memory, file handles, ports; and who keeps its clock.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/timex.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "operations/check/probes.h"
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

// Bytes of one line of /proc/meminfo, "MemAvailable:  123456 kB" (proc(5)).
std::optional<std::uint64_t> find_memory(std::string_view table, std::string_view line) {
  const std::size_t at = table.find(line);
  if (at == table.npos) return std::nullopt;
  const std::size_t digits = table.find_first_of("0123456789", at);
  if (digits == table.npos) return std::nullopt;
  std::uint64_t kibibytes = 0;
  std::from_chars(table.data() + digits, table.data() + table.size(), kibibytes);
  return kibibytes * 1024;
}

Result<SpaceFacts> ask_memory(const Subject& subject) {
  const auto table = subject.context.files.read("/proc/meminfo");
  const auto available = table ? find_memory(*table, "MemAvailable:") : std::nullopt;
  const auto total = table ? find_memory(*table, "MemTotal:") : std::nullopt;
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
  co_return MachineFacts{.disk = ask_disk(subject),
                         .memory = ask_memory(subject),
                         .open_files = ask_file_limit(),
                         .clock = ask_kernel_clock(),
                         .port = ask_port(subject),
                         .processes = processes_of_pool(subject)};
}

}  // namespace auterity::operations::check
