#include "operations/deploy/deploy_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "operations/deploy/canary_stages.h"
#include "operations/deploy/deploy_changes.h"
#include "operations/migrate/lint/linter.h"

namespace auterity::operations {
namespace {

using namespace deploy_step;

class Draft {
 public:
  explicit Draft(const DeployFacts& facts) {
    plan_.operation = facts.rollback ? "rollback" : "deploy";
    plan_.environment = facts.environment;
    plan_.changes = changes_of(facts);
  }

  void add(const PlannedStep& step) { plan_.steps.push_back(step); }

  void add(std::string name, std::string description, UndoPolicy policy = UndoPolicy::undo) {
    // What a deploy itself keeps is what it looked at, or is over; what stays is the schema.
    plan_.steps.push_back(
        {std::move(name), std::move(description), policy, policy != UndoPolicy::keep});
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

// How long a stage goes on.
std::string how_long(Duration bake) {
  return bake > Duration{} ? fmt::format("for {:g} s", std::chrono::duration<double>(bake).count())
                           : "until enough requests were answered";
}

void add_canary(Draft& draft, const DeployRequest& request) {
  for (const int percent : request.canary) {
    const CanaryShares shares = canary_shares(percent);
    std::string description =
        shares.baseline > 0
            ? fmt::format("{} % of requests to {}, {} % to the baseline, {}; compare them",
                          shares.candidate, request.candidate, shares.baseline,
                          how_long(request.bake))
            : fmt::format("all requests to {} {}; watch them", request.candidate,
                          how_long(request.bake));
    draft.add(fmt::format("{}{}", kCanary, percent), std::move(description));
  }
}

// The revision of the schema that both releases work with while the deploy goes on.
int revision_after(const DeployFacts& facts) {
  int revision = facts.schema_revision;
  for (const PlannedMigration& migration : facts.expansion.migrations)
    revision = std::max(revision, migration.revision);
  return revision;
}

std::string span_text(const local::NumberSpan& span) {
  return fmt::format("{} to {}", span.oldest, span.newest);
}

Status check_new_release(const DeployFacts& facts) {
  const ReleaseFacts& release = facts.new_release;
  const int revision = revision_after(facts);
  if (revision >= release.schema.oldest && revision <= release.schema.newest) return {};
  return fail(ErrorKind::conflict,
              fmt::format("release {} cannot serve this database: its schema has revision {}, and "
                          "the release works with {}",
                          release.version, revision, span_text(release.schema)),
              revision < release.schema.oldest
                  ? "its migrations are not all applied: deploy it instead, which applies them"
                  : fmt::format("deploy a release that works with it; going back loses what the "
                                "later migrations added: auterity migrate down --to {}",
                                release.schema.newest));
}

// Requests are on the old release until the last stage, and return to it when anything goes wrong.
Status check_old_release(const DeployFacts& facts) {
  const ReleaseFacts& release = facts.old_release;
  for (const PlannedMigration& migration : facts.expansion.migrations)
    for (const lint::Finding& finding : migration.findings)
      if (lint::is_contracting(finding))
        return fail(ErrorKind::conflict,
                    fmt::format("{}:{}: {}, and release {} may still use it: only migrations that "
                                "add can be part of a deploy",
                                finding.file, finding.line, finding.what, release.version),
                    finding.mend);
  const int revision = revision_after(facts);
  if (release.schema.newest == 0 || revision <= release.schema.newest) return {};
  return fail(
      ErrorKind::conflict,
      fmt::format("release {} brings the schema to revision {}; release {}, which goes on "
                  "beside it, works with {}",
                  facts.new_release.version, revision, release.version, span_text(release.schema)),
      "deploy a release between the two first");
}

// Everything before new processes start.
void add_preparation(Draft& draft, const DeployFacts& facts) {
  if (facts.rollback) return;
  draft.add(std::string(kCheck),
            fmt::format("see that the environment is fit for release {}", facts.request.version),
            UndoPolicy::keep);
  for (const PlannedStep& step : facts.expansion.plan.steps) draft.add(step);
}

}  // namespace

int canary_percent(std::string_view step) {
  if (!step.starts_with(kCanary)) return 0;
  int percent = 0;
  const std::string_view digits = step.substr(kCanary.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), percent);
  return percent;
}

Result<Plan> plan_deploy(const DeployFacts& facts) {
  AUTERITY_CHECK(check_new_release(facts));
  AUTERITY_CHECK(check_old_release(facts));
  const DeployRequest& request = facts.request;
  const local::Pool candidate = pool_of(request.candidate, request.replicas, request.workers);
  const local::Pool baseline = pool_of(local::kBaseline, compared_replicas(request), 0);
  const local::Pool stable = pool_of(request.stable, facts.old_replicas, facts.old_workers);
  Draft draft(facts);
  add_preparation(draft, facts);
  draft.add(std::string(kPools),
            fmt::format("keep a place for {} with release {}", request.candidate, request.version) +
                (compared_replicas(request) > 0
                     ? fmt::format(" and for a baseline with release {}", request.old_version)
                     : ""));
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
  draft.add(std::string(kBake), fmt::format("watch {} {} while {} is warm", request.candidate,
                                            how_long(request.bake), request.stable));
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
