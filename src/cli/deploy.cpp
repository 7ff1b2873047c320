#include "cli/deploy.h"

#include <fmt/format.h>

#include <charconv>
#include <ostream>

#include "cli/confirmation.h"
#include "cli/local_session.h"
#include "cli/output.h"
#include "core/finally.h"
#include "operations/deploy/deploy.h"
#include "operations/deploy/turn_back.h"
#include "operations/prove/proof.h"

namespace auterity::cli {
namespace {

using operations::DeployOperation;

constexpr Duration kPoll = std::chrono::milliseconds(50);

Result<std::vector<int>> parse_stages(const std::optional<std::string>& text) {
  std::vector<int> stages;
  if (!text) return stages;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    int percent = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + comma, percent);
    if (error != std::errc() || end != rest.data() + comma)
      return fail(ErrorKind::invalid_input,
                  fmt::format("--canary: \"{}\" is no percentage", rest.substr(0, comma)),
                  "give them like this: --canary 10,50,100");
    stages.push_back(percent);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return stages;
}

// The load that runs beside one deploy.
class LoadBeside {
 public:
  LoadBeside(LocalSession& session, DeployOperation& operation, std::int64_t requests_per_second)
      : session_(session),
        operation_(operation),
        requests_per_second_(static_cast<int>(requests_per_second)) {}

  Async<Result<operations::RunResult>> deploy() {
    // What it publishes is known before anybody can be interrupted: finish() removes it.
    auto result =
        co_await session_.runner().start(operation_, [this] { return uncancelled(begin()); });
    deployed_ = result.has_value();
    co_return result;
  }

  // However the deploy ended. The report is kept beside the deploy's other evidence, and shown now
  // unless the release is in use: the deploy's own end is then the result, whatever becomes of the
  // report.
  Async<void> finish() {
    if (!proof_) co_return;
    session_.observer().note("holding what was acknowledged against what is there");
    report_ = co_await proof_->finish();
    const Status kept = keep();
    if (!kept)
      session_.observer().note("the report of the load could not be kept: " + kept.error().message);
    if (!deployed_) session_.observer().note(operations::to_text(*report_));
  }

  // nullopt: there was nothing to do, or the load never began.
  const std::optional<operations::ProofReport>& report() const { return report_; }

 private:
  // Under the deploy's lock.
  Async<Status> begin() {
    operations::LocalContext& context = session_.context();
    AUTERITY_CO_TRY(platform, operations::load_platform(context, true));
    AUTERITY_CO_TRY(proof, co_await operations::Proof::begin(context.clock, context.random,
                                                             platform, requests_per_second_));
    proof_ = std::move(proof);
    session_.observer().note(fmt::format("sending {} requests/s", requests_per_second_));
    co_return Status{};
  }
  Status keep() {
    Files& files = session_.context().files;
    const std::filesystem::path folder = operation_.evidence_folder();
    AUTERITY_CHECK(files.create_directories(folder));
    return files.write_atomically(folder / "prove.json",
                                  to_pretty_text(Json(operations::to_json(*report_))));
  }

  LocalSession& session_;
  DeployOperation& operation_;
  int requests_per_second_;
  bool deployed_ = false;
  std::unique_ptr<operations::Proof> proof_;
  std::optional<operations::ProofReport> report_;
};

Async<Result<operations::RunResult>> run_under_load(
    LocalSession& session, DeployOperation& operation, std::int64_t requests_per_second,
    std::optional<operations::ProofReport>& report) {
  LoadBeside load(session, operation, requests_per_second);
  auto result = co_await finally(load.deploy(), load.finish());
  report = load.report();
  co_return result;
}

Error proof_error(const operations::ProofReport& report, std::string_view version) {
  return {ErrorKind::failed,
          fmt::format("release {} was brought in and stays, but the load beside it {}", version,
                      report.lost() + report.duplicated() == 0
                          ? "could not be accounted for: " + report.unbalanced
                          : fmt::format("saw {} lost and {} duplicated", report.lost(),
                                        report.duplicated())),
          "see what in the report and in the balancer's log; to return: auterity rollback"};
}

// What the command line says about how a release is brought in.
struct Manner {
  bool only_plan = false;
  std::optional<std::int64_t> prove = {};  // requests/s
};

Async<Result<ExitCode>> bring_in(World& world, const CommonOptions& common, LocalSession& session,
                                 DeployOperation& operation, Manner manner, std::string question,
                                 std::string_view done) {
  if (manner.only_plan) {
    AUTERITY_CO_TRY(plan, co_await session.runner().plan(operation));
    print_plan(world, common, plan);
    co_return kDone;
  }
  AUTERITY_CO_CHECK(confirm(world, common, session.is_production(), question));
  std::optional<operations::ProofReport> proof;
  auto deployed = manner.prove ? co_await run_under_load(session, operation, *manner.prove, proof)
                               : co_await session.runner().start(operation);
  AUTERITY_CO_TRY(result, std::move(deployed));
  AUTERITY_CO_TRY(platform, operations::load_platform(session.context(), false));
  const std::string version = platform.pool().version;
  JsonObject facts{{"environment", common.environment},
                   {"version", version},
                   {"colour", platform.pool().colour},
                   {"previous_version", platform.previous_version}};
  std::string text =
      result.id.empty()
          ? fmt::format("release {} is in use already: nothing to do\n", version)
          : fmt::format("{}: release {} is in use ({})\n", done, version, platform.pool().colour);
  if (proof) {
    facts["prove"] = operations::to_json(*proof);
    text += operations::to_text(*proof);
  }
  print_outcome(world, common, result, std::move(facts), text);
  if (!proof || proof->clean()) co_return kDone;
  world.err << error_text(proof_error(*proof, version)) << std::flush;
  co_return kFailed;
}

class DeployCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "deploy",
            .group = CommandGroup::platform,
            .summary = "bring a release in beside the one in use, and move requests to it",
            .details =
                "New processes are proven before they get a request; requests move in steps, and "
                "after each the new version is compared with new processes of the old one by what "
                "the load balancer saw. At the first sign of harm everything returns to the old "
                "version, and the command ends with 1.\n\n"
                "With --prove a load of reads, executions, files and event streams runs meanwhile; "
                "what was acknowledged is held against what is there afterwards. Anything lost or "
                "duplicated makes the exit code 1; the release stays in use."};
  }

  void declare(OptionSet& options) override {
    options.text("--version", "V", version_, "the release; default: the newest that is there");
    options.text("--canary", "PERCENT,…", canary_,
                 "stages of requests on the new version, the last one 100");
    options.seconds_or_zero("--bake", bake_, "how long each stage is watched, and the end");
    options.flag("--plan", plan_, "print what would be done, and do nothing");
    options.number("--prove", "RPS", prove_, {1, operations::Proof::kMostRequestsPerSecond},
                   "send so many requests a second meanwhile, and account for each");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(services, session->deploy_services());
    AUTERITY_CO_TRY(stages, parse_stages(canary_));
    DeployOperation operation(
        std::move(services),
        operations::DeployWish{.version = version_, .canary = std::move(stages), .bake = bake_});
    co_return co_await bring_in(
        world, common, *session, operation, {plan_, prove_},
        fmt::format("deploy release {} to {}", version_, common.environment), "deployed");
  }

  std::string interruption_hint() const override { return operation_interruption_hint(); }

 private:
  std::string version_;
  std::optional<std::string> canary_;
  std::optional<Duration> bake_;
  std::optional<std::int64_t> prove_;
  bool plan_ = false;
};

class RollbackCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {
        .name = "rollback",
        .group = CommandGroup::platform,
        .summary = "return to the release that was in use before",
        .details =
            "While a deploy is under way its requests return to the old version, which is warm, "
            "at once. Later the kept release is started again and gets all requests."};
  }

  void declare(OptionSet& options) override {
    options.flag("--plan", plan_, "print what would be done, and do nothing");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(unfinished, operations::find_unfinished(session->journal()));
    if (unfinished && unfinished->plan.operation == DeployOperation::kKind) {
      AUTERITY_CO_CHECK(operations::check_reversible(*unfinished));
      if (!plan_) co_return co_await turn_back(world, common, *session, std::move(*unfinished));
      print_plan(world, common, operations::plan_of_undo(*unfinished, DeployOperation::kRollback));
      co_return kDone;
    }
    AUTERITY_CO_TRY(platform, operations::load_platform(session->context(), false));
    if (platform.previous_version.empty())
      co_return fail(ErrorKind::conflict,
                     fmt::format("no other release was in use before {}", platform.pool().version),
                     "see what there is: auterity release list");
    AUTERITY_CO_TRY(services, session->deploy_services());
    DeployOperation operation(
        std::move(services),
        operations::DeployWish{
            .version = platform.previous_version, .canary = {100}, .bake = Duration{}},
        DeployOperation::kRollback);
    co_return co_await bring_in(
        world, common, *session, operation, {plan_},
        fmt::format("return {} to release {}", common.environment, platform.previous_version),
        "rolled back");
  }

  std::string interruption_hint() const override { return operation_interruption_hint(); }

 private:
  // Whoever deploys hears of it and turns back; a deploy that nobody runs any more is undone here.
  static Async<Result<ExitCode>> turn_back(World& world, const CommonOptions& common,
                                           LocalSession& session,
                                           operations::OperationHistory deploy) {
    AUTERITY_CO_CHECK(confirm(world, common, session.is_production(),
                              fmt::format("turn the deploy of {} back", common.environment)));
    operations::LocalContext& context = session.context();
    AUTERITY_CO_TRY(request, operations::parse_deploy_request(deploy.request));
    AUTERITY_CO_CHECK(operations::ask_to_turn_back(
        context.files, context.layout, {context.user_name, common.reason, request.evidence}));
    while (session.lock().is_held()) co_await world.clock.sleep(kPoll);
    AUTERITY_CO_CHECK(operations::forget_turn_back(context.files, context.layout));
    AUTERITY_CO_TRY(ended, session.journal().load(deploy.id));
    std::string stays;
    if (ended.unfinished()) {
      const auto kinds = session.kinds();
      AUTERITY_CO_TRY(operation, kinds.find(ended.plan.operation)->second(ended.request));
      AUTERITY_CO_TRY(undone, co_await session.runner().undo(*operation, std::move(ended)));
      stays = std::move(undone.stays);
      AUTERITY_CO_TRY(again, session.journal().load(deploy.id));
      ended = std::move(again);
    }
    if (ended.outcome != "undone")
      co_return fail(
          ErrorKind::conflict,
          fmt::format("the deploy had gone too far to be turned back: {}", ended.outcome),
          "return to the release before it: auterity rollback");
    AUTERITY_CO_TRY(platform, operations::load_platform(context, false));
    print_outcome(world, common, {deploy.id, ended.outcome, ended.plan, std::move(stays)},
                  {{"environment", common.environment}, {"version", platform.pool().version}},
                  fmt::format("turned back: release {} is in use ({})\n", platform.pool().version,
                              platform.pool().colour));
    co_return kDone;
  }

  bool plan_ = false;
};

}  // namespace

CommandPtr make_deploy_command() { return std::make_unique<DeployCommand>(); }
CommandPtr make_rollback_command() { return std::make_unique<RollbackCommand>(); }

}  // namespace auterity::cli
