#pragma once
// `auterity deploy`: brings a release in beside the one in use, proves it step by step, and returns
// to the old one at the first sign of harm. plan_deploy() decides the order; this class looks at
// the world for it and gives its steps their effects. Invariants: requests return to the old pool
// before anything else is undone; an expanded schema and the evidence are kept; what decides is
// what the load balancer saw.
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "operations/deploy/deploy_world.h"
#include "operations/environment.h"
#include "operations/operation.h"

namespace auterity::operations {

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

  DeployOperation(LocalContext& context, const EnvironmentFile& environment, DeployWish wish,
                  std::string_view kind = kKind);
  // Of a journal's request.
  DeployOperation(LocalContext& context, const EnvironmentFile& environment, DeployRequest request,
                  std::string_view kind);

  std::string_view kind() const override { return kind_; }
  JsonObject request() const override { return to_json(world_.request); }
  // not_found when the release is not there; invalid_input when it is damaged; conflict when it
  // cannot work with the database's schema, or while another deploy's pools are there; not_ready
  // when the platform does not run.
  Async<Result<Plan>> plan() override;
  Result<std::unique_ptr<Step>> bind(const PlannedStep& step) override;
  bool supersedes(std::string_view kind) const override;
  // Where its samples and verdicts are, once it was planned.
  std::filesystem::path evidence_folder() const { return world_.evidence_folder(); }

 private:
  // The wished one, else the newest that is there.
  Result<std::string> choose_version() const;
  Result<DeployRequest> choose(const local::Platform& platform) const;
  Async<Status> check_platform(const local::Platform& platform);
  // What the release's migrations add to the schema; empty when nothing.
  Async<Result<std::vector<std::string>>> find_pending(const local::Platform& platform);

  std::string_view kind_;
  DeployWorld world_;
  DeployWish wish_;
  std::vector<int> canary_;  // of the environment file
  Duration bake_{};
  CanaryThresholds thresholds_;
};

}  // namespace auterity::operations
