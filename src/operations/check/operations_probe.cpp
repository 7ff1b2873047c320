// Whether somebody works on the environment already or left something half done, and its backups.
#include <fmt/format.h>

#include "core/moment.h"
#include "operations/check/probes.h"
#include "operations/journal/file_journal.h"
#include "operations/journal/file_lock.h"
#include "operations/proven_backups.h"
#include "targets/local/wal_shipper_service.h"

namespace auterity::operations::check {
namespace {

std::string describe(const Lease& lease) {
  return fmt::format("{} holds the lock for {} since {}, at step {}", lease.holder, lease.operation,
                     moment(lease.acquired_at), lease.step.empty() ? "none yet" : lease.step);
}

Result<std::string> ask_journal(const Subject& subject) {
  FileJournal journal(subject.context.files, subject.context.layout.operations());
  AUTERITY_TRY(unfinished, find_unfinished(journal));
  return unfinished ? unfinished->id : "";
}

}  // namespace

Async<Result<OperationsFacts>> ask_operations(const Subject& subject) {
  OperationsFacts facts;
  FileLock lock(subject.context.files, subject.context.clock, subject.context.layout.operations());
  facts.locked = lock.is_held();
  if (!facts.locked) {
    facts.unfinished = ask_journal(subject);
    co_return facts;
  }
  if (const auto lease = lock.peek(); lease && !lease->released) facts.lock = describe(*lease);
  co_return facts;
}

Async<Result<BackupFacts>> ask_backups(const Subject& subject) {
  BackupFacts facts;
  facts.now = subject.context.clock.now();
  facts.missing_is_warning = subject.environment.text("class") == "development";
  for (const auto& source : all_backup_proofs(subject.context)) {
    const auto proven = co_await source->proven();
    if (!proven)
      facts.unknown.push_back(fmt::format("{}s: {}", source->kind(), proven.error().message));
    if (!proven) continue;
    for (const ProvenBackup& backup : *proven) {
      if (facts.count++ > 0 && backup.taken_at <= facts.taken_at) continue;
      facts.kind = source->kind();
      facts.taken_at = backup.taken_at;
      facts.verified_at = backup.verified_at;
    }
  }
  co_return facts;
}

Async<Result<LogShippingFacts>> ask_log_shipping(const Subject& subject) {
  LogShippingFacts facts;
  if (!subject.platform)
    co_return fail(ErrorKind::not_ready, "the platform was never started here",
                   "start it: auterity up");
  auto supervisor = supervisor_of(subject.context, *subject.platform);
  AUTERITY_CO_TRY(state, co_await supervisor.state(std::string(local::kWalShipper)));
  facts.running = state.ready;
  AUTERITY_CO_TRY(shipping, backup::read_log_shipping(subject.context.files,
                                                      subject.context.layout.operations()));
  facts.shipping = std::move(shipping);
  facts.now = subject.context.clock.now();
  co_return facts;
}

}  // namespace auterity::operations::check
