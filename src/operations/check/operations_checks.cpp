// Whether somebody works on the environment already, left something half done, or has no backup.
#include <fmt/format.h>

#include "operations/check/verdicts.h"
#include "operations/file_journal.h"
#include "operations/file_lock.h"

namespace auterity::operations::check {
namespace {

Judgement look_at_lock(const Subject& subject) {
  FileLock lock(subject.context.files, subject.context.clock, subject.context.layout.operations());
  if (!lock.is_held()) return {Verdict::pass, "nobody holds the environment's lock", ""};
  const auto lease = lock.peek();
  return {Verdict::fail,
          lease && !lease->released
              ? fmt::format("{} holds the lock for {} since {}, at step {}", lease->holder,
                            lease->operation, to_rfc3339(lease->acquired_at),
                            lease->step.empty() ? "none yet" : lease->step)
              : "another process holds the lock",
          "wait until it has ended: auterity operations list"};
}

// While the lock is held, what has not ended runs.
Result<Judgement> look_at_journal(const Subject& subject) {
  FileLock lock(subject.context.files, subject.context.clock, subject.context.layout.operations());
  if (lock.is_held())
    return Judgement{Verdict::skipped, "an operation runs", "wait until it has ended"};
  FileJournal journal(subject.context.files, subject.context.layout.operations());
  AUTERITY_TRY(unfinished, find_unfinished(journal));
  if (!unfinished) return Judgement{Verdict::pass, "every operation has ended", ""};
  return Judgement{Verdict::fail, fmt::format("operation {} was interrupted", unfinished->id),
                   fmt::format("auterity operations resume {0}, or undo {0}", unfinished->id)};
}

class OperationsFamily final : public Family {
 public:
  std::vector<std::string> ids() const override {
    return {"lock", "unfinished-operation", "backup-age"};
  }

  Async<Result<std::vector<Finding>>> run(const Subject& subject) override {
    std::vector<Finding> findings{
        {"lock", look_at_lock(subject)},
        {"backup-age", judge_backup(subject.proven_backup_at, subject.context.clock.now(),
                                    subject.environment.text("class") == "development")}};
    const auto journal = look_at_journal(subject);
    findings.push_back(
        {"unfinished-operation",
         journal ? *journal
                 : Judgement{Verdict::skipped, journal.error().message, journal.error().hint}});
    co_return findings;
  }
};

}  // namespace

std::unique_ptr<Family> make_operations_family() { return std::make_unique<OperationsFamily>(); }

}  // namespace auterity::operations::check
