#pragma once
// Backups that were restored and compared, wherever they come from: the only ones that count. Each
// source lists its own; to add one, a class and a line in all_backup_proofs(). Only looks.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operations/local_context.h"

namespace auterity::operations {

struct ProvenBackup {
  std::string name;
  Time taken_at;                    // the state that it holds
  std::optional<Time> verified_at;  // when it was restored and compared; nullopt: not recorded
};

class BackupProofs {
 public:
  virtual ~BackupProofs() = default;
  virtual std::string_view kind() const = 0;  // "logical restore point"
  // In any order.
  virtual Async<Result<std::vector<ProvenBackup>>> proven() = 0;
};

// Every source. `context` outlives them.
std::vector<std::unique_ptr<BackupProofs>> all_backup_proofs(LocalContext& context);

}  // namespace auterity::operations
