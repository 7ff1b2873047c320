#pragma once
// `auterity down`: an orderly stop of the platform on this machine, from the public port inwards;
// data, logs and settings stay. Undone, it starts what it stopped.
#include <memory>
#include <string>
#include <vector>

#include "operations/local_context.h"
#include "operations/operation.h"

namespace auterity::operations {

// Services in the order in which they are stopped: what takes requests first, what holds data last.
std::vector<std::string> stop_order(std::vector<std::string> services);
// `running`: services that are up.
Plan plan_down(const std::string& environment, std::vector<std::string> running,
               bool supervisor_runs, bool run_folder_exists);

class DownOperation final : public Operation {
 public:
  explicit DownOperation(LocalContext& context) : context_(context) {}

  static constexpr std::string_view kKind = "down";
  std::string_view kind() const override { return kKind; }
  JsonObject request() const override { return {}; }
  Async<Result<Plan>> plan() override;
  Result<std::unique_ptr<Step>> bind(const PlannedStep& step) override;
  bool supersedes(std::string_view kind) const override { return kind == "up" || kind == "down"; }

 private:
  LocalContext& context_;
};

}  // namespace auterity::operations
