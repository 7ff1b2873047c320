#include "engine/store/execution_store.h"

#include <array>
#include <cassert>
#include <utility>

namespace auterity::engine {
namespace {

template <typename Enum>
using Names = std::pair<Enum, std::string_view>;

constexpr std::array kStatuses{
    Names<ExecutionStatus>{ExecutionStatus::pending, "pending"},
    Names<ExecutionStatus>{ExecutionStatus::running, "running"},
    Names<ExecutionStatus>{ExecutionStatus::waiting, "waiting"},
    Names<ExecutionStatus>{ExecutionStatus::suspended, "suspended"},
    Names<ExecutionStatus>{ExecutionStatus::cancelled, "cancelled"},
    Names<ExecutionStatus>{ExecutionStatus::faulted, "faulted"},
    Names<ExecutionStatus>{ExecutionStatus::completed, "completed"},
};

constexpr std::array kWakeReasons{
    Names<WakeReason>{WakeReason::ready, "ready"},
    Names<WakeReason>{WakeReason::timer, "timer"},
    Names<WakeReason>{WakeReason::lease, "lease"},
    Names<WakeReason>{WakeReason::subscription, "subscription"},
    Names<WakeReason>{WakeReason::suspended, "suspended"},
    Names<WakeReason>{WakeReason::child, "child"},
    Names<WakeReason>{WakeReason::none, "none"},
};

constexpr std::array kActions{
    Names<ControlAction>{ControlAction::none, "none"},
    Names<ControlAction>{ControlAction::cancel, "cancel"},
    Names<ControlAction>{ControlAction::suspend, "suspend"},
    Names<ControlAction>{ControlAction::resume, "resume"},
};

template <typename Table, typename Enum>
std::string_view name_of(const Table& table, Enum value) {
  for (const auto& [candidate, name] : table)
    if (candidate == value) return name;
  assert(false && "every value has a name");
  return table.front().second;
}

template <typename Enum, typename Table>
std::optional<Enum> named(const Table& table, std::string_view text) {
  for (const auto& [value, name] : table)
    if (name == text) return value;
  return std::nullopt;
}

}  // namespace

std::string_view to_text(ExecutionStatus status) { return name_of(kStatuses, status); }
std::string_view to_text(WakeReason reason) { return name_of(kWakeReasons, reason); }
std::string_view to_text(ControlAction action) { return name_of(kActions, action); }

std::optional<ExecutionStatus> parse_execution_status(std::string_view text) {
  return named<ExecutionStatus>(kStatuses, text);
}
std::optional<WakeReason> parse_wake_reason(std::string_view text) {
  return named<WakeReason>(kWakeReasons, text);
}
std::optional<ControlAction> parse_control_action(std::string_view text) {
  return named<ControlAction>(kActions, text);
}

bool is_terminal(ExecutionStatus status) {
  return status == ExecutionStatus::cancelled || status == ExecutionStatus::faulted ||
         status == ExecutionStatus::completed;
}

}  // namespace auterity::engine
