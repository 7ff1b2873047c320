#include "operations/deploy/canary_step.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "operations/deploy/canary_watch.h"
#include "operations/deploy/deploy_plan.h"
#include "operations/deploy/traffic.h"

namespace auterity::operations {
namespace {

using namespace deploy_step;

// A verdict that lets the deploy go on, kept by name of the step.
std::optional<std::string> find_verdict(const DeployWorld& world, const std::string& step) {
  const auto text = world.context.files.read(world.evidence_folder() / (step + ".json"));
  const auto value = text ? parse_json(*text) : Result<Json>(std::unexpected(text.error()));
  if (!value || string_or(find_pointer(*value, "/verdict/outcome"), "") != "healthy")
    return std::nullopt;
  return std::string(string_or(find_pointer(*value, "/verdict/reason"), ""));
}

class WatchStep : public Step {
 public:
  WatchStep(DeployWorld& world, std::string name) : world_(world), name_(std::move(name)) {}

  Async<Status> undo() override {
    AUTERITY_CO_TRY(platform, world_.load());
    AUTERITY_CO_CHECK(
        co_await move_traffic(world_.context, with_shares(std::move(platform), world_.request, 0)));
    // The samples stay, under a name that no resumed step takes for its own.
    const auto verdict = world_.evidence_folder() / (name_ + ".json");
    const auto text = world_.context.files.read(verdict);
    if (!text) co_return Status{};
    AUTERITY_CO_CHECK(world_.context.files.write_atomically(
        world_.evidence_folder() / (name_ + ".taken-back.json"), *text));
    co_return world_.context.files.remove_tree(verdict);
  }

 protected:
  Async<Status> watch(local::Platform platform, bool compared) {
    CanaryWatch watch(world_, std::move(platform), compared);
    AUTERITY_CO_TRY(result, co_await watch.run());
    AUTERITY_CO_CHECK(
        world_.keep_evidence(name_ + ".json", {{"step", name_},
                                               {"verdict", result.verdict.figures},
                                               {"samples", to_json(result.samples)}}));
    if (result.verdict.outcome == CanaryOutcome::healthy) co_return Status{};
    co_return fail(ErrorKind::failed,
                   fmt::format("release {} is {}: {}", world_.request.version,
                               name_of(result.verdict.outcome), result.verdict.reason),
                   "samples and verdict are in " + world_.evidence_folder().string());
  }

  DeployWorld& world_;
  std::string name_;
};

class CanaryStep final : public WatchStep {
 public:
  CanaryStep(DeployWorld& world, std::string name, int percent)
      : WatchStep(world, std::move(name)), percent_(percent) {}

  Async<Result<Observation>> observe() override {
    const auto verdict = find_verdict(world_, name_);
    if (!verdict) co_return Observation{false, "the new version has not been judged at this share"};
    AUTERITY_CO_TRY(platform, world_.load());
    AUTERITY_CO_TRY(
        traffic, co_await observe_traffic(
                     world_.context, with_shares(std::move(platform), world_.request, percent_)));
    if (!traffic.holds) co_return traffic;
    co_return Observation{true, fmt::format("{}; {}", traffic.evidence, *verdict)};
  }

  Async<Status> apply() override {
    AUTERITY_CO_TRY(loaded, world_.load());
    const local::Platform platform = with_shares(std::move(loaded), world_.request, percent_);
    AUTERITY_CO_CHECK(co_await move_traffic(world_.context, platform));
    const local::Pool* baseline = platform.find_pool(local::kBaseline);
    co_return co_await watch(platform, baseline != nullptr && baseline->percent > 0);
  }

 private:
  int percent_;
};

class BakeStep final : public WatchStep {
 public:
  using WatchStep::WatchStep;

  Async<Result<Observation>> observe() override {
    const auto verdict = find_verdict(world_, name_);
    co_return Observation{verdict.has_value(),
                          verdict.value_or("the new version has not been watched yet")};
  }
  Async<Status> apply() override {
    AUTERITY_CO_TRY(platform, world_.load());
    co_return co_await watch(std::move(platform), false);
  }
};

}  // namespace

std::unique_ptr<Step> make_canary_step(DeployWorld& world, const std::string& name) {
  if (const int percent = canary_percent(name); percent > 0)
    return std::make_unique<CanaryStep>(world, name, percent);
  if (name == kBake) return std::make_unique<BakeStep>(world, name);
  return nullptr;
}

}  // namespace auterity::operations
