// Operations at work or left half done, and backups.
#include <fmt/format.h>

#include "operations/check/judgements.h"
#include "operations/check/verdicts.h"

namespace auterity::operations::check {
namespace {

constexpr Duration kOldBackup = std::chrono::hours(26);

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
                  to_rfc3339(std::chrono::floor<std::chrono::seconds>(facts.taken_at)),
                  age_text(facts.now - facts.taken_at));
  if (facts.verified_at)
    evidence += ", restored and compared at " +
                to_rfc3339(std::chrono::floor<std::chrono::seconds>(*facts.verified_at));
  if (facts.now - facts.taken_at <= kOldBackup) return pass(evidence);
  return warn(evidence, "it is older than a day: make and prove another");
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

}  // namespace auterity::operations::check
