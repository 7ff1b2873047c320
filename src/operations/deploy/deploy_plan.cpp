#include "operations/deploy/deploy_plan.h"

#include <fmt/format.h>

#include <charconv>

#include "operations/deploy/canary_stages.h"

namespace auterity::operations {
namespace {

using namespace deploy_step;

class Draft {
 public:
  explicit Draft(const DeployFacts& facts) {
    plan_.operation = "deploy";
    plan_.environment = facts.environment;
  }

  void add(std::string name, std::string description, UndoPolicy policy = UndoPolicy::undo) {
    plan_.steps.push_back({std::move(name), std::move(description), policy});
  }
  void add_each(std::string_view verb, const std::vector<std::string>& services,
                std::string_view what, UndoPolicy policy = UndoPolicy::undo) {
    for (const std::string& service : services)
      add(fmt::format("{}{}", verb, service), fmt::format(fmt::runtime(what), service), policy);
  }
  Plan take() { return std::move(plan_); }

 private:
  Plan plan_;
};

local::Pool pool_of(std::string_view colour, int replicas, int workers) {
  return {.colour = std::string(colour), .replicas = replicas, .workers = workers};
}

std::string seconds_text(Duration duration) {
  return fmt::format("{:g} s", std::chrono::duration<double>(duration).count());
}

void add_canary(Draft& draft, const DeployRequest& request) {
  for (const int percent : request.canary) {
    const CanaryShares shares = canary_shares(percent);
    std::string description =
        shares.baseline > 0
            ? fmt::format("{} % of requests to {}, {} % to the baseline, for {}; compare them",
                          shares.candidate, request.candidate, shares.baseline,
                          seconds_text(request.bake))
            : fmt::format("all requests to {} for {}; watch them", request.candidate,
                          seconds_text(request.bake));
    draft.add(fmt::format("{}{}", kCanary, percent), std::move(description));
  }
}

}  // namespace

int canary_percent(std::string_view step) {
  if (!step.starts_with(kCanary)) return 0;
  int percent = 0;
  const std::string_view digits = step.substr(kCanary.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), percent);
  return percent;
}

Plan plan_deploy(const DeployFacts& facts) {
  const DeployRequest& request = facts.request;
  const local::Pool candidate = pool_of(request.candidate, request.replicas, request.workers);
  const local::Pool baseline = pool_of(local::kBaseline, request.replicas, 0);
  const local::Pool stable = pool_of(request.stable, facts.old_replicas, facts.old_workers);
  Draft draft(facts);
  if (!facts.pending_migrations.empty())
    draft.add(std::string(kSchema),
              fmt::format("expand the schema by {}", fmt::join(facts.pending_migrations, ", ")),
              UndoPolicy::keep);
  draft.add(std::string(kPools),
            fmt::format("keep a place for {} with release {} and for a baseline with release {}",
                        request.candidate, request.version, request.old_version));
  draft.add_each(kStart, candidate.api_names(), "start {} of release " + request.version);
  draft.add_each(kStart, baseline.api_names(), "start {} of release " + request.old_version);
  draft.add(std::string(kGate),
            fmt::format("see each replica of {} ready three times in a row, answering as {}",
                        request.candidate, request.version),
            UndoPolicy::keep);
  draft.add(std::string(kSmoke), fmt::format("run a workflow through {} alone", request.candidate),
            UndoPolicy::keep);
  add_canary(draft, request);
  draft.add_each(kStart, candidate.worker_names(), "start {} of release " + request.version);
  draft.add(std::string(kInUse), fmt::format("{} is the pool in use", request.candidate));
  draft.add(std::string(kWeb), fmt::format("serve the web files of {}", request.version));
  draft.add(
      std::string(kHandOver),
      fmt::format("{} hands over streams and executions; no request is left on it", request.stable),
      UndoPolicy::keep);
  draft.add_each(kStop, stable.worker_names(), "stop {}, which hands its executions over");
  draft.add_each(kRetire, baseline.api_names(), "stop and remove {}", UndoPolicy::keep);
  draft.add(std::string(kBake), fmt::format("watch {} for {} while {} is warm", request.candidate,
                                            seconds_text(request.bake), request.stable));
  // From here on the old pool is not warm any more: there is nothing to turn back to but a
  // rollback.
  draft.add_each(kRetire, stable.api_names(), "stop {}; its release is kept for rollback",
                 UndoPolicy::refuse);
  draft.add_each(kRetire, stable.worker_names(), "remove {}", UndoPolicy::refuse);
  draft.add(std::string(kForget), fmt::format("{} is the only pool", request.candidate),
            UndoPolicy::refuse);
  return draft.take();
}

}  // namespace auterity::operations
