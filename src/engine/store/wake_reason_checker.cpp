#include "engine/store/wake_reason_checker.h"

#include <array>
#include <cassert>

namespace auterity::engine {
namespace {

using data::Statement;

// Those that have not ended, by the index of all that have not completed; locked ones are in motion
// and pass.
#define FAULTY(condition)                                                        \
  "(SELECT id FROM workflow_executions WHERE status <> 'completed'"              \
  " AND status IN ('pending', 'running', 'waiting', 'suspended') AND " condition \
  " LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED)"
#define MAKE_READY(condition)                                                                \
  "UPDATE workflow_executions e SET wake = 'ready', due_at = $1::timestamptz, owner = NULL " \
  "WHERE e.id IN " FAULTY(condition) " RETURNING e.id"

struct Check {
  WakeFault fault;
  std::string_view name;
  Statement repair;
};

constexpr std::array kChecks{
    Check{WakeFault::none_at_all,
          "none_at_all",
          {"wake_reasons.none_at_all", MAKE_READY("wake = 'none'")}},
    Check{WakeFault::no_time,
          "no_time",
          {"wake_reasons.no_time",
           MAKE_READY("wake IN ('ready', 'timer', 'lease') AND due_at IS NULL")}},
    Check{WakeFault::no_owner,
          "no_owner",
          {"wake_reasons.no_owner", MAKE_READY("wake = 'lease' AND owner IS NULL")}},
    Check{
        WakeFault::not_suspended,
        "not_suspended",
        {"wake_reasons.not_suspended", MAKE_READY("wake = 'suspended' AND status <> 'suspended'")}},
    Check{WakeFault::unheard_request,
          "unheard_request",
          {"wake_reasons.unheard_request",
           MAKE_READY("wake NOT IN ('ready', 'lease', 'none') AND requested IS NOT NULL")}},
    Check{
        WakeFault::second_reason,
        "second_reason",
        {"wake_reasons.second_reason",
         "UPDATE workflow_executions e SET due_at = NULL WHERE e.id IN " FAULTY(
             "wake IN ('suspended', 'subscription', 'child') AND due_at IS NOT NULL") " AND "
                                                                                      "$1::"
                                                                                      "timestamptz "
                                                                                      "IS NOT NULL "
                                                                                      "RETURNING "
                                                                                      "e.id"}},
    Check{WakeFault::awake_after_end,
          "awake_after_end",
          {"wake_reasons.awake_after_end",
           "UPDATE workflow_executions e SET wake = 'none', due_at = NULL, owner = NULL,"
           " requested = NULL, finished_at = coalesce(e.finished_at, $1::timestamptz) "
           "WHERE e.id IN (SELECT id FROM workflow_executions WHERE due_at IS NOT NULL"
           " AND status IN ('cancelled', 'faulted', 'completed')"
           " LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED) RETURNING e.id"}},
};

}  // namespace

std::string_view to_text(WakeFault fault) {
  for (const Check& check : kChecks)
    if (check.fault == fault) return check.name;
  assert(false && "every fault has a check");
  return kChecks.front().name;
}

WakeReasonChecker::WakeReasonChecker(data::Database& database, Clock& clock, Log& log,
                                     Metrics& metrics)
    : database_(database),
      clock_(clock),
      log_(log),
      repairs_(metrics.counter("store_wake_repairs_total",
                               "Executions whose reason to wake was missing or contradictory.")) {}

Async<Result<std::vector<WakeRepair>>> WakeReasonChecker::run_once() {
  std::vector<WakeRepair> repairs;
  for (const Check& check : kChecks) {
    AUTERITY_CO_TRY(rows, co_await database_.query({check.repair, {to_rfc3339(clock_.now())}}));
    for (std::size_t row = 0; row < rows->size(); ++row) {
      const auto id = parse_uuid(rows->text(row, 0));
      if (!id) continue;
      repairs.push_back({*id, check.fault});
      repairs_.add();
      log_.warning("store", "an execution had no valid reason to wake; it was repaired",
                   {{"execution_id", Json(to_text(*id))}, {"fault", Json(check.name)}});
    }
  }
  co_return repairs;
}

// The same statements, taken back: one table says what a fault is.
Async<Result<std::vector<WakeRepair>>> WakeReasonChecker::find(data::Database& database,
                                                               Clock& clock) {
  AUTERITY_CO_TRY(session, co_await database.open_session());
  AUTERITY_CO_CHECK(co_await session->execute_script("BEGIN"));
  std::vector<WakeRepair> faults;
  for (const Check& check : kChecks) {
    AUTERITY_CO_TRY(rows, co_await session->query({check.repair, {to_rfc3339(clock.now())}}));
    for (std::size_t row = 0; row < rows->size(); ++row)
      if (const auto id = parse_uuid(rows->text(row, 0))) faults.push_back({*id, check.fault});
  }
  AUTERITY_CO_CHECK(co_await session->execute_script("ROLLBACK"));
  co_return faults;
}

}  // namespace auterity::engine
