#pragma once
// `auterity restart`: starts components of a running platform anew, one process at a time and in
// the order in which they need each other, each step waiting until the platform is well again.
// plan_restart() is pure. Evidence is kept before anything is touched. Which process is an old one
// is known by its pid at planning time, so that a restart which was cut off restarts nothing twice.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operations/local_context.h"
#include "operations/operation.h"

namespace auterity::operations {

// "frontend", "backend", "database", "redis", "all".
std::vector<std::string> restart_components();

struct RestartRequest {
  std::string component;
  std::map<std::string, int> old_pids;  // by service; 0: it does not run. HAProxy: of its worker
};

// `platform`: what runs now.
Plan plan_restart(const local::Platform& platform, std::string_view component);

class RestartOperation final : public Operation {
 public:
  RestartOperation(LocalContext& context, RestartRequest request);
  ~RestartOperation() override;

  static constexpr std::string_view kKind = "restart";
  std::string_view kind() const override { return kKind; }
  JsonObject request() const override;
  static RestartRequest parse_request(const JsonObject& request);
  void take_id(std::string_view id) override { id_ = id; }
  // invalid_input for an unknown component; not_ready when the platform is down.
  Async<Result<Plan>> plan() override;
  Result<std::unique_ptr<Step>> bind(const PlannedStep& step) override;
  std::string way_back(const OperationHistory&) const override {
    return "what was started anew runs; there is nothing to take back";
  }
  // What one left out of rotation, or stopped, another component's restart would not bring back.
  bool supersedes(std::string_view) const override { return false; }

 private:
  Status prepare();
  Async<Status> note_pids();

  LocalContext& context_;
  RestartRequest request_;
  std::string id_;
  std::unique_ptr<local::Platform> platform_;
};

}  // namespace auterity::operations
