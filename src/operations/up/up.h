#pragma once
// `auterity up`: the whole platform of an environment on this machine, from nothing or from
// whatever state it is in. plan_up() is pure; UpOperation observes for it and gives its steps their
// effects (up_steps.h). Up converges: what is there is left alone, what differs from its definition
// is started anew, what is too much is retired. Data, credentials and releases are kept when it is
// undone.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "operations/local_context.h"
#include "operations/operation.h"

namespace auterity::operations {

struct ObservedPlatform {
  std::map<std::string, bool> holds;            // step name → its postcondition
  std::vector<std::string> installed_services;  // service folders that are there
};

// Names of all steps that the platform has, in order.
std::vector<std::string> up_step_names(const local::Platform& platform);
// What the step does, for a person.
std::string describe_up_step(const local::Platform& platform, const std::string& name);
Plan plan_up(const local::Platform& platform, const ObservedPlatform& observed);

// conflict, with `hint`, when the public port is somebody else's.
Async<Status> check_public_port(LocalContext& context, local::Platform platform, std::string hint);

class UpOperation final : public Operation {
 public:
  UpOperation(LocalContext& context, EnvironmentFile environment, PlatformWish wish);
  ~UpOperation() override;

  static constexpr std::string_view kKind = "up";
  std::string_view kind() const override { return kKind; }
  JsonObject request() const override;
  static PlatformWish parse_request(const JsonObject& request);
  // conflict when the public port is somebody else's.
  Async<Result<Plan>> plan() override;
  Result<std::unique_ptr<Step>> bind(const PlannedStep& step) override;
  bool supersedes(std::string_view kind) const override;

  // After plan() or bind(): what is (being) started.
  const local::Platform& platform() const { return *platform_; }

 private:
  Status prepare();

  LocalContext& context_;
  EnvironmentFile environment_;
  PlatformWish wish_;
  std::unique_ptr<local::Platform> platform_;
};

}  // namespace auterity::operations
