#pragma once
// `auterity scale`: how many API replicas and workers a platform has. New processes are ready
// before they get a request; those that go get no new ones, and end when the load balancer shows
// none on them. plan_scale() is pure. Sizes are kept, so that `up` keeps to them. Undone, the sizes
// are those of before.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "operations/environment/environment.h"
#include "operations/local_context.h"
#include "operations/operation.h"

namespace auterity::operations {

struct PlatformSizes {
  int api = 0;
  int workers = 0;
  bool operator==(const PlatformSizes&) const = default;
};

// "1 API replica and 2 workers".
std::string to_text(const PlatformSizes& sizes);

struct SizeLimits {
  int api_min = 1;
  int api_max = 1;
  int workers_min = 0;
  int workers_max = 0;
};
SizeLimits size_limits(const EnvironmentFile& environment);
// invalid_input with the limit that is passed.
Status check_sizes(const PlatformSizes& sizes, const SizeLimits& limits);

// `now`: the platform before; `left`: processes of its pool beyond its sizes, of a change that
// another one supersedes.
Plan plan_scale(const local::Platform& now, const PlatformSizes& wanted,
                const std::vector<std::string>& left = {});

struct ScaleWish {
  std::optional<int> api;
  std::optional<int> workers;
};

class ScaleOperation final : public Operation {
 public:
  ScaleOperation(LocalContext& context, EnvironmentFile environment, ScaleWish wish);
  // Of a journal's request.
  ScaleOperation(LocalContext& context, EnvironmentFile environment, const JsonObject& request);
  ~ScaleOperation() override;

  static constexpr std::string_view kKind = "scale";
  std::string_view kind() const override { return kKind; }
  JsonObject request() const override;
  // invalid_input beyond the environment's limits; conflict while two releases share the platform;
  // not_ready when it is down.
  Async<Result<Plan>> plan() override;
  Result<std::unique_ptr<Step>> bind(const PlannedStep& step) override;
  bool supersedes(std::string_view kind) const override { return kind == kKind; }

  // After plan().
  const PlatformSizes& sizes() const { return wanted_; }

 private:
  Status prepare();
  Result<std::vector<std::string>> find_left(const local::Platform& platform);

  LocalContext& context_;
  EnvironmentFile environment_;
  ScaleWish wish_;
  PlatformSizes before_;
  PlatformSizes wanted_;
  std::unique_ptr<local::Platform> old_;  // with the sizes of before
  std::unique_ptr<local::Platform> new_;
};

}  // namespace auterity::operations
