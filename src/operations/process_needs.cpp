#include "operations/process_needs.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace auterity::operations {

std::optional<std::uint64_t> find_memory(Files& files, const std::filesystem::path& table,
                                         std::string_view line) {
  const auto text = files.read(table);
  if (!text) return std::nullopt;
  const std::size_t at = text->find(line);
  if (at == text->npos) return std::nullopt;
  const std::size_t digits = text->find_first_of("0123456789", at);
  if (digits == text->npos) return std::nullopt;
  std::uint64_t kibibytes = 0;
  std::from_chars(text->data() + digits, text->data() + text->size(), kibibytes);
  return kibibytes * 1024;
}

Async<std::optional<std::uint64_t>> find_largest_process(LocalContext& context,
                                                         const local::Platform& platform) {
  std::optional<std::uint64_t> largest;
  local::Supervisor supervisor = supervisor_of(context, platform);
  for (const std::string& service : platform.service_names()) {
    if (local::parse_member(service).colour.empty()) continue;
    const auto state = co_await supervisor.state(service);
    if (!state || state->pid <= 0) continue;
    largest = std::max(
        largest, find_memory(context.files, fmt::format("/proc/{}/status", state->pid), "VmRSS:"));
  }
  co_return largest;
}

}  // namespace auterity::operations
