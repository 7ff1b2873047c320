#include "operations/release/release_prune.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "core/counted.h"
#include "operations/kept_step.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kRemove = "remove-";

class RemoveStep final : public KeptStep {
 public:
  RemoveStep(LocalContext& context, std::string version)
      : context_(context), version_(std::move(version)) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(found, paths());
    co_return Observation{found.empty(), found.empty() ? version_ + " is gone"
                                                       : found.front().string() + " is there"};
  }

  // It may have been put in use since it was planned, when this goes on after a break.
  Async<Status> apply() override {
    AUTERITY_CO_TRY(releases, find_releases(context_, false));
    const auto release = std::ranges::find(releases, version_, &KnownRelease::version);
    if (release != releases.end() && (release->in_use || release->kept_for_rollback))
      co_return fail(ErrorKind::conflict,
                     fmt::format("release {} is {}", version_, state_of(*release)),
                     "plan anew: auterity release prune --plan");
    AUTERITY_CO_TRY(found, paths());
    for (const auto& path : found) AUTERITY_CO_CHECK(context_.files.remove_tree(path));
    co_return Status{};
  }

 private:
  // Its archive first: without the folder nothing would lead to it.
  Result<std::vector<std::filesystem::path>> paths() {
    std::vector<std::filesystem::path> found;
    const auto folder = context_.layout.releases();
    if (!context_.files.exists(folder)) return found;
    AUTERITY_TRY(names, context_.files.list(folder));
    const std::string archive = fmt::format("auterity-{}-linux-", version_);
    for (const std::string& name : names)
      if (name.starts_with(archive) && name.ends_with(".tar.zst")) found.push_back(folder / name);
    if (context_.files.exists(folder / version_)) found.push_back(folder / version_);
    return found;
  }

  LocalContext& context_;
  std::string version_;
};

}  // namespace

Plan plan_release_prune(const std::string& environment, const std::vector<KnownRelease>& releases,
                        int keep) {
  Plan plan{std::string(ReleasePruneOperation::kKind), environment, {}, {}};
  int kept = 0;
  for (const KnownRelease& release : releases) {
    if (release.in_use || release.kept_for_rollback) continue;
    if (release.damage.empty() && kept++ < keep) continue;
    plan.steps.push_back(
        {std::string(kRemove) + release.version,
         fmt::format("remove release {} ({}{})", release.version,
                     release.manifest ? size_text(release.manifest->size_bytes()) : "no manifest",
                     release.damage.empty() ? "" : ", damaged"),
         UndoPolicy::refuse});
  }
  return plan;
}

int ReleasePruneOperation::parse_request(const JsonObject& request) {
  const Json* keep = request.if_contains("keep");
  return keep != nullptr && keep->is_int64() ? static_cast<int>(keep->get_int64()) : 0;
}

Async<Result<Plan>> ReleasePruneOperation::plan() {
  AUTERITY_CO_TRY(releases, find_releases(context_, true));
  co_return plan_release_prune(context_.layout.environment, releases, keep_);
}

Result<std::unique_ptr<Step>> ReleasePruneOperation::bind(const PlannedStep& step) {
  if (step.name.starts_with(kRemove))
    return std::make_unique<RemoveStep>(context_, step.name.substr(kRemove.size()));
  return fail(ErrorKind::not_found, fmt::format("release prune has no step named {}", step.name),
              "the operation was begun by another version of auterity; use that one to go on");
}

}  // namespace auterity::operations
