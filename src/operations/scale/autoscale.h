#pragma once
// `auterity autoscale on|off`: whether the platform changes its sizes by itself. It is a kept fact
// of the platform, so `down` and `up` keep to it. plan_autoscale() is pure.
#include <memory>
#include <string>

#include "operations/environment/environment.h"
#include "operations/local_context.h"
#include "operations/operation.h"

namespace auterity::operations {

struct AutoscaleFacts {
  std::string environment;
  bool wanted = false;
  bool kept = false;     // the platform is to have it
  bool running = false;  // its service is there
};
Plan plan_autoscale(const AutoscaleFacts& facts);

class AutoscaleOperation final : public Operation {
 public:
  // `environments`: the folder that the environment file is in; empty: defaults alone.
  AutoscaleOperation(LocalContext& context, bool wanted, std::string environments)
      : context_(context), wanted_(wanted), environments_(std::move(environments)) {}

  static std::unique_ptr<AutoscaleOperation> make(LocalContext& context, const JsonObject& request);

  static constexpr std::string_view kKind = "autoscale";
  std::string_view kind() const override { return kKind; }
  JsonObject request() const override { return {{"on", wanted_}, {"environments", environments_}}; }
  // not_ready when the platform is down.
  Async<Result<Plan>> plan() override;
  Result<std::unique_ptr<Step>> bind(const PlannedStep& step) override;
  bool supersedes(std::string_view kind) const override { return kind == kKind; }

 private:
  LocalContext& context_;
  bool wanted_;
  std::string environments_;
};

}  // namespace auterity::operations
