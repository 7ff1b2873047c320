#pragma once
// `auterity recover`: the platform of an environment out of its backups alone, in its own place or
// in another environment's. plan() chooses once and for all (recovery_source.h,
// recovered_platform.h), the steps do it (data_steps.h, up/up_steps.h). Invariants: backups are
// read, never changed; what was there is put aside, never deleted; before the application starts
// everything can be taken back.
#include <memory>
#include <string>

#include "operations/operation.h"
#include "operations/recover/recover_plan.h"
#include "operations/recover/recover_world.h"
#include "operations/recover/recovery_source.h"

namespace auterity::operations {

struct RecoverServices {
  LocalContext& context;  // of the environment that is built; outlives the operation
  EnvironmentFile environment;
  std::string source;  // whose backups are used
  EnvironmentFile source_environment;
  MakeInterruptedWork make_interrupted_work;
};

class RecoverOperation final : public Operation {
 public:
  static constexpr std::string_view kKind = "recover";

  // Errors of BackupStorage::open().
  static Result<std::unique_ptr<RecoverOperation>> make(RecoverServices services,
                                                        RecoveryWish wish);
  // Of one that was begun; errors of parse_recover_request(), too. `services.source` is that of the
  // request.
  static Result<std::unique_ptr<RecoverOperation>> make(RecoverServices services,
                                                        RecoverRequest request);
  ~RecoverOperation() override;

  std::string_view kind() const override { return kKind; }
  JsonObject request() const override { return to_json(world_->request); }
  void take_id(std::string_view id) override { world_->id = id; }
  Async<Result<Plan>> plan() override;
  Result<std::unique_ptr<Step>> bind(const PlannedStep& step) override;
  bool supersedes(std::string_view kind) const override;
  std::string way_back(const OperationHistory& done) const override;

  const local::Platform& platform() const { return world_->platform; }
  // Whether what is planned replaces data; after plan().
  bool replaces_data() const { return replaces_data_; }
  // What its report says; null before it is written.
  Json report() const;

 private:
  RecoverOperation(RecoverServices services, RecoveryWish wish,
                   std::unique_ptr<backup::BackupStorage> storage);
  Async<Result<RecoverFacts>> look();
  Async<Status> look_at_target(RecoverFacts& facts);

  RecoverServices services_;
  RecoveryWish wish_;
  std::unique_ptr<RecoverWorld> world_;
  bool replaces_data_ = false;
};

}  // namespace auterity::operations
