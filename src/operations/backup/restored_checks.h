#pragma once
// What is asked of a restored copy while it runs.
#include <optional>
#include <string>
#include <vector>

#include "operations/backup/verify_operation.h"

namespace auterity::operations::backup {

struct RestoredChecks {
  std::vector<ProofCheck> checks;
  std::optional<Error> unanswered;  // of the first question that got no answer
};

// Schema, rows and invariants of the database that `manifest` tells of, at `url`, and whether every
// file that it shows is in the backup, when that one has files.
Async<RestoredChecks> check_restored(LocalContext& context, BackupStorage& storage, std::string url,
                                     BackupManifest manifest, MakeInvariants make_invariants);

ProofCheck passed(std::string id, std::string evidence);
ProofCheck failed(std::string id, const Error& error);

}  // namespace auterity::operations::backup
