#pragma once
// `auterity backup verify`: restores a backup beside the platform, boots it, and looks whether it
// is what was backed up: hashes of objects, checksums of files and pages, the schema, the rows of
// every table, and what the engine knows must hold. The outcome is kept beside the manifest, passed
// or not; a backup without it is unproven. A refuted backup stays for a look, and the operation
// fails. What only this machine lacks (room, memory, a program, the key, an answer) refutes
// nothing and is recorded nowhere. The copy goes however verification ends; one that a dead process
// left goes when the operation is resumed or undone.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "operations/backup/backup_storage.h"
#include "operations/migrate/target.h"
#include "operations/operation.h"
#include "operations/platform_invariants.h"

namespace auterity::operations::backup {

struct NamedInvariants {
  std::string id;  // "executions"
  std::unique_ptr<PlatformInvariants> invariants;
};
// What the engine knows of a database; the target outlives what is made.
using MakeInvariants = std::function<std::vector<NamedInvariants>(const MigrateTarget&)>;

struct VerifyRequest {
  std::string id;  // whole, or a stamp
  Time since;      // a record that is older is none of this operation
};

class VerifyOperation final : public Operation {
 public:
  static constexpr std::string_view kKind = "backup-verify";

  // `context` outlives it.
  static Result<std::unique_ptr<VerifyOperation>> make(LocalContext& context,
                                                       const EnvironmentFile& environment,
                                                       VerifyRequest request,
                                                       MakeInvariants make_invariants);
  static Result<VerifyRequest> parse_request(const JsonObject& request);
  // The step that proves the backup `id`.
  static PlannedStep planned_proof(std::string_view id);

  std::string_view kind() const override { return kKind; }
  JsonObject request() const override;
  Async<Result<Plan>> plan() override;
  Result<std::unique_ptr<Step>> bind(const PlannedStep& step) override;
  bool supersedes(std::string_view kind) const override { return kind == kKind; }
  BackupStorage& storage() { return *storage_; }

 private:
  VerifyOperation(LocalContext& context, local::Platform platform,
                  std::unique_ptr<BackupStorage> storage, VerifyRequest request,
                  MakeInvariants make_invariants);

  LocalContext& context_;
  local::Platform platform_;
  std::unique_ptr<BackupStorage> storage_;
  VerifyRequest request_;
  MakeInvariants make_invariants_;
};

}  // namespace auterity::operations::backup
