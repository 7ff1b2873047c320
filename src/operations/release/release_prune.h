#pragma once
// `auterity release prune`: removes old releases with their archives. What a pool runs and what a
// rollback needs always stay. plan_release_prune() is pure. What was removed does not come back:
// the operation can be resumed, not undone.
#include <memory>
#include <string>
#include <vector>

#include "operations/local_context.h"
#include "operations/operation.h"
#include "operations/release/releases.h"

namespace auterity::operations {

// `releases` newest first. Besides what is needed the `keep` newest whole ones stay; a damaged one
// that nothing needs goes.
Plan plan_release_prune(const std::string& environment, const std::vector<KnownRelease>& releases,
                        int keep);

class ReleasePruneOperation final : public Operation {
 public:
  ReleasePruneOperation(LocalContext& context, int keep) : context_(context), keep_(keep) {}

  static constexpr std::string_view kKind = "release-prune";
  std::string_view kind() const override { return kKind; }
  JsonObject request() const override { return {{"keep", keep_}}; }
  static int parse_request(const JsonObject& request);
  Async<Result<Plan>> plan() override;
  Result<std::unique_ptr<Step>> bind(const PlannedStep& step) override;
  bool supersedes(std::string_view kind) const override { return kind == kKind; }

 private:
  LocalContext& context_;
  int keep_;
};

}  // namespace auterity::operations
