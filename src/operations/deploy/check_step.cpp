#include "operations/deploy/check_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "operations/deploy/deploy_plan.h"
#include "operations/kept_step.h"

namespace auterity::operations {
namespace {

constexpr const char* kReport = "check.json";

class CheckStep final : public KeptStep {
 public:
  explicit CheckStep(DeployWorld& world) : world_(world) {}

  Async<Result<Observation>> observe() override {
    const auto text = world_.context.files.read(report_file());
    const auto report = text ? parse_json(*text) : Result<Json>(std::unexpected(text.error()));
    const bool fit = report && string_or(find_member(*report, "outcome"), "") == "fit";
    co_return Observation{fit, fit ? "every check that counts has passed, see " + report_file()
                                   : "the environment was not found fit yet"};
  }

  Async<Status> apply() override {
    AUTERITY_CO_TRY(platform, world_.load());
    // The new processes get what the platform keeps, never what this one was started with.
    const Environment nothing;
    const check::Subject subject{.context = world_.context,
                                 .environment = world_.environment,
                                 .variables = nothing,
                                 .platform = std::move(platform),
                                 .release = world_.request.version,
                                 .compared = compared_replicas(world_.request)};
    auto families = check::all_families();
    const check::Report report = co_await check::run(subject, families);
    Status outcome = judge_report(report);
    if (outcome && (!report.release || report.release->digest != world_.request.release_digest))
      outcome = fail(ErrorKind::failed,
                     fmt::format("release {} is not the one that the plan was made for",
                                 world_.request.version),
                     "leave releases/ alone meanwhile, and give the command again");
    JsonObject evidence = to_json(report);
    evidence["outcome"] = outcome ? "fit" : "unfit";
    AUTERITY_CO_CHECK(world_.keep_evidence(kReport, evidence));
    if (outcome) co_return outcome;
    Error error = std::move(outcome).error();
    error.hint += "; the whole report is in " + report_file();
    co_return std::unexpected(std::move(error));
  }

 private:
  std::string report_file() const { return (world_.evidence_folder() / kReport).string(); }

  DeployWorld& world_;
};

// What a deploy builds on: not knowing it is no ground to go on.
constexpr std::array kMustBeKnown{
    "database-reachable", "database-privileges", "redis-reachable",      "object-store", "release",
    "migrations-planned", "migrations-linted",   "migrations-rehearsed", "smoke-test"};

bool ends_the_deploy(const check::Finding& finding) {
  if (finding.judgement.verdict == Verdict::fail) return true;
  return finding.judgement.verdict == Verdict::skipped &&
         std::ranges::find(kMustBeKnown, finding.id) != kMustBeKnown.end();
}

bool is_passed_over(const std::string& id) {
  return std::ranges::find(passed_over_checks(), id, &PassedOverCheck::id) !=
         passed_over_checks().end();
}

}  // namespace

const std::vector<PassedOverCheck>& passed_over_checks() {
  static const std::vector<PassedOverCheck> passed_over{
      {"lock", "this deploy holds it"},
      {"unfinished-operation", "this deploy is the one"},
      {"backup-age", "a deploy makes a verified restore point before it changes any data"},
      {"log-shipping", "a deploy starts the service anew, from the new release"},
  };
  return passed_over;
}

Status judge_report(const check::Report& report) {
  std::vector<std::string> failed;
  std::vector<std::string> hints;
  for (const check::Finding& finding : report.findings) {
    if (!ends_the_deploy(finding) || is_passed_over(finding.id)) continue;
    failed.push_back(fmt::format("{} ({})", finding.id, finding.judgement.evidence));
    hints.push_back(fmt::format("{}: {}", finding.id, finding.judgement.hint));
  }
  if (failed.empty()) return {};
  return fail(ErrorKind::failed,
              fmt::format("the environment is not fit for a deploy: {}", fmt::join(failed, "; ")),
              fmt::format("{}", fmt::join(hints, "; ")));
}

std::unique_ptr<Step> make_check_step(DeployWorld& world, const std::string& name) {
  if (name == deploy_step::kCheck) return std::make_unique<CheckStep>(world);
  return nullptr;
}

}  // namespace auterity::operations
