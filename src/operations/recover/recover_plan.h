#pragma once
// What a recovery does, in order, as a pure function of what was chosen and seen: what runs is
// stopped and what is there is put aside; configuration and secrets, then the database, then
// uploads; then executions are looked through; at last the application, and workers after it.
// Until the application starts everything can be taken back; from there on the data live again, and
// the recovery can only be gone on with.
#include <string>
#include <vector>

#include "operations/plan.h"
#include "operations/recover/recovery_source.h"
#include "targets/local/platform.h"

namespace auterity::operations {

namespace recover_steps {
inline constexpr std::string_view kPutAside = "put-aside";
inline constexpr std::string_view kDataFolder = "data-folder";
inline constexpr std::string_view kRecovery = "recovery";
inline constexpr std::string_view kUploads = "uploads";
inline constexpr std::string_view kExecutions = "executions";
inline constexpr std::string_view kReport = "report";
}  // namespace recover_steps

struct RecoverFacts {
  std::string source;  // environment whose backups are used
  RecoverySource backups;
  std::optional<Time> to;
  local::Platform platform;          // that is built
  std::string release_there;         // of the platform that the backup is of; empty: not known
  std::vector<PlannedStep> stops;    // steps that stop what runs
  bool has_data = false;             // there is something to put aside
  std::vector<std::string> surplus;  // services that are there and belong to no pool any more
};

Plan plan_recover(const RecoverFacts& facts);

}  // namespace auterity::operations
