#pragma once
// `auterity deploy`: brings a release in beside the one in use, proves it step by step, and returns
// to the old one at the first sign of harm. plan_deploy() decides the order; this class looks at
// the world for it and gives its steps their effects. Invariants: requests return to the old pool
// before anything else is undone; an expanded schema and the evidence are kept; what decides is
// what the load balancer saw.
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/migrations.h"
#include "operations/deploy/deploy_facts.h"
#include "operations/deploy/deploy_world.h"
#include "operations/operation.h"

namespace auterity::operations {

class MigrateOperation;

// What a deploy works with. The context outlives it.
struct DeployServices {
  LocalContext& context;
  EnvironmentFile environment;
  data::MigratorOptions migrator;  // who migrates, and who hears how that goes
};

// What the command line asks for; what is absent follows the environment file.
struct DeployWish {
  std::string version;  // empty: the newest release
  std::vector<int> canary;
  std::optional<Duration> bake;
};

class DeployOperation final : public Operation {
 public:
  // A rollback is a deploy of the release that was in use before, all requests at once.
  static constexpr std::string_view kKind = "deploy";
  static constexpr std::string_view kRollback = "rollback";

  DeployOperation(DeployServices services, DeployWish wish, std::string_view kind = kKind);
  // Of a journal's request.
  DeployOperation(DeployServices services, DeployRequest request, std::string_view kind);
  ~DeployOperation() override;

  std::string_view kind() const override { return kind_; }
  JsonObject request() const override { return to_json(world_.request); }
  // not_found when the release is not there; invalid_input when it is damaged, or one of its
  // migrations cannot be run; conflict when old and new release cannot share the schema, when that
  // was changed by hand, or while another deploy's pools are there; not_ready when the platform
  // does not run.
  Async<Result<Plan>> plan() override;
  Result<std::unique_ptr<Step>> bind(const PlannedStep& step) override;
  Async<std::string> what_stays(Plan plan) override;
  std::string way_back(const OperationHistory& done) const override;
  bool supersedes(std::string_view kind) const override;
  // Where its samples and verdicts are, once it was planned.
  std::filesystem::path evidence_folder() const { return world_.evidence_folder(); }

 private:
  // The wished one, else the newest that is there.
  Result<std::string> choose_version() const;
  Result<DeployRequest> choose(const local::Platform& platform) const;
  // The schema's part of the facts.
  Async<Status> look_at_schema(DeployFacts& facts);
  // The release's migrations, as `migrate up` would apply them.
  Result<MigrateOperation*> expansion();

  std::string_view kind_;
  DeployWorld world_;
  data::MigratorOptions migrator_;
  std::unique_ptr<MigrateOperation> expansion_;
  DeployWish wish_;
  std::vector<int> canary_;  // of the environment file
  Duration bake_{};
  CanaryThresholds thresholds_;
};

}  // namespace auterity::operations
