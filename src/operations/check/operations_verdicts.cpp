// Operations at work or left half done, and backups.
#include <fmt/format.h>

#include "core/moment.h"
#include "operations/check/judgements.h"
#include "operations/check/verdicts.h"

namespace auterity::operations::check {
namespace {

constexpr Duration kOldBackup = std::chrono::hours(26);
// Of writes, what the loss of the platform may cost.
constexpr Duration kRecoveryPoint = std::chrono::seconds(1);

Judgement judge_unfinished(const OperationsFacts& facts) {
  if (facts.locked) return skipped("an operation runs", "wait until it has ended");
  if (!facts.unfinished) return skipped(facts.unfinished.error());
  if (facts.unfinished->empty()) return pass("every operation has ended");
  return failed(fmt::format("operation {} was interrupted", *facts.unfinished),
                fmt::format("auterity operations resume {0}, or undo {0}", *facts.unfinished));
}

Judgement judge_backup(const BackupFacts& facts) {
  if (facts.count == 0) {
    const std::string hint =
        "a restore point counts: `auterity migrate up` makes one before it changes anything";
    const std::string none = "there is no backup that was restored and compared";
    if (!facts.unknown.empty()) return skipped(facts.unknown.front(), hint);
    return facts.missing_is_warning ? warn(none, hint) : failed(none, hint);
  }
  std::string evidence =
      fmt::format("{} proven, the latest a {} of {} ({} old)", facts.count, facts.kind,
                  moment(facts.taken_at), age_text(facts.now - facts.taken_at));
  if (facts.verified_at) evidence += ", restored and compared at " + moment(*facts.verified_at);
  if (facts.now - facts.taken_at <= kOldBackup) return pass(evidence);
  return warn(evidence, "it is older than a day: make and prove another");
}

Judgement judge_shipping(const LogShippingFacts& facts) {
  const std::string see_log = "see `auterity status`, and logs/wal-shipper of its folder";
  if (!facts.running)
    return failed(
        "the service wal-shipper does not run: writes since then are on this machine alone",
        "auterity up; if it ends again, see logs/wal-shipper of the environment's folder");
  if (!facts.shipping || backup::is_silent(*facts.shipping, facts.now))
    return failed("the service wal-shipper says nothing of itself", see_log);
  const double seconds =
      static_cast<double>(backup::behind(*facts.shipping, facts.now).count()) / 1e6;
  std::string evidence = fmt::format("the archived log is {:.1f} s behind", seconds);
  if (!facts.shipping->failure.empty()) evidence += ", interrupted: " + facts.shipping->failure;
  if (facts.shipping->gap)
    return warn(fmt::format("{}; it lacks {} to {}", evidence, facts.shipping->gap->start.text(),
                            facts.shipping->gap->end.text()),
                "recovery cannot cross that gap: take a new backup");
  if (backup::behind(*facts.shipping, facts.now) <= kRecoveryPoint) return pass(evidence);
  return warn(evidence, "a second is what may be lost: " + see_log);
}

}  // namespace

Findings judge_operations(const Result<OperationsFacts>& facts) {
  if (!facts) return std::unexpected(facts.error());
  return std::vector<Finding>{
      {"lock", facts->locked
                   ? failed(facts->lock.empty() ? "another process holds the lock" : facts->lock,
                            "wait until it has ended: auterity operations list")
                   : pass("nobody holds the environment's lock")},
      {"unfinished-operation", judge_unfinished(*facts)}};
}

Findings judge_backups(const Result<BackupFacts>& facts) {
  if (!facts) return std::unexpected(facts.error());
  return std::vector<Finding>{{"backup-age", judge_backup(*facts)}};
}

Findings judge_log_shipping(const Result<LogShippingFacts>& facts) {
  if (!facts) return std::unexpected(facts.error());
  return std::vector<Finding>{{"log-shipping", judge_shipping(*facts)}};
}

}  // namespace auterity::operations::check
