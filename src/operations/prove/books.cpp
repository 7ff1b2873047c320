#include "operations/prove/books.h"

#include <fmt/format.h>

#include <optional>

namespace auterity::operations {
namespace {

std::optional<std::uint64_t> number_at(const Json& execution, std::string_view pointer) {
  const Json* value = find_pointer(execution, pointer);
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return std::nullopt;
  return static_cast<std::uint64_t>(value->get_int64());
}

// An entry that `any` points to: the later ones, which the platform has dealt with least.
template <typename T>
const T* find_among_latest(const std::vector<T>& entries, std::uint64_t any) {
  constexpr std::size_t kLatest = 500;
  if (entries.empty()) return nullptr;
  return &entries[entries.size() - 1 - any % std::min(entries.size(), kLatest)];
}

}  // namespace

std::uint64_t Books::next_start() { return starts_++; }

void Books::acknowledge_start(std::uint64_t number, StartKind kind, std::string id) {
  if (acknowledged_ids_.insert(id).second) acknowledged_.push_back({number, kind, std::move(id)});
}

const Books::Start* Books::find_start(std::uint64_t any) const {
  return find_among_latest(acknowledged_, any);
}

const Books::Upload* Books::find_upload(std::uint64_t any) const {
  return find_among_latest(uploads_, any);
}

bool Books::is_right(const Found& execution, StartKind kind) {
  return (execution.status == "completed" && execution.output_is_right) ||
         (execution.status == "cancelled" && kind == StartKind::lasting);
}

void Books::found(const Json& execution) {
  const auto number = number_at(execution, "/input/number");
  if (!number || *number >= starts_) {
    ++strangers_;
    return;
  }
  const auto [entry, is_new] =
      found_by_id_.try_emplace(std::string(string_or(find_member(execution, "id"), "")));
  if (is_new) ++executions_by_number_[*number];
  entry->second = {.status = std::string(string_or(find_member(execution, "status"), "")),
                   .output_is_right = number_at(execution, "/output/seen") == number};
}

void Books::balance(ProofReport& report) const {
  report.executions.acknowledged = acknowledged_.size();
  for (const Start& start : acknowledged_) {
    const auto entry = found_by_id_.find(start.id);
    if (entry != found_by_id_.end() && is_right(entry->second, start.kind)) continue;
    ++report.executions.lost;
    report.add_problem(entry == found_by_id_.end()
                           ? "an execution that was acknowledged is not there"
                       : entry->second.status == "completed"
                           ? "an execution completed with another output"
                           : fmt::format("an execution is {} in the end", entry->second.status));
  }
  report.executions.duplicated = strangers_;
  for (const auto& [number, count] : executions_by_number_)
    report.executions.duplicated += count - 1;
  if (report.executions.duplicated > 0) report.add_problem("a start made more than one execution");
}

}  // namespace auterity::operations
