#include "cli/up.h"

#include <fmt/format.h>

#include <ostream>

#include "cli/confirmation.h"
#include "cli/local_session.h"
#include "operations/up/up.h"

namespace auterity::cli {
namespace {

constexpr NumberRange kPorts{1, 65535};
constexpr NumberRange kReplicas{1, 64};
constexpr NumberRange kWorkers{0, 64};

std::optional<int> narrow(std::optional<std::int64_t> number) {
  if (!number) return std::nullopt;
  return static_cast<int>(*number);
}

class UpCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "up",
            .group = CommandGroup::platform,
            .summary = "start the whole platform of an environment on this machine",
            .details =
                "PostgreSQL, Redis, API replicas, workers, nginx and HAProxy under a "
                "supervisor. The command ends when the platform is healthy; the platform "
                "runs on in the background. Ports and sizes are kept for the next time."};
  }

  void declare(OptionSet& options) override {
    options.flag("--detach", detach_,
                 "do not wait for a terminal: the default, since the platform always runs on");
    options.number("--port", "N", port_, kPorts, "the public port");
    options.number("--replicas", "N", replicas_, kReplicas, "API replicas");
    options.number("--workers", "N", workers_, kWorkers, "worker processes");
    options.flag("--plan", plan_, "print what would be done, and do nothing");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(environment, session->environment_file());
    const bool production = environment.is_production();
    operations::UpOperation operation(
        session->context(), std::move(environment),
        {.port = narrow(port_), .replicas = narrow(replicas_), .workers = narrow(workers_)});
    if (plan_) {
      AUTERITY_CO_TRY(plan, co_await session->runner().plan(operation));
      print_plan(world, common, plan);
      co_return kDone;
    }
    AUTERITY_CO_CHECK(confirm(world, common, production,
                              fmt::format("start {} on this machine", common.environment)));
    AUTERITY_CO_TRY(result, co_await session->runner().start(operation));
    print_result(world, common, operation.platform(), result);
    co_return kDone;
  }

  std::string interruption_hint() const override { return operation_interruption_hint(); }

 private:
  static void print_result(World& world, const CommonOptions& common,
                           const local::Platform& platform, const operations::RunResult& result) {
    const std::string credentials = platform.layout.credentials().string();
    print_outcome(
        world, common, result,
        {{"environment", common.environment},
         {"version", platform.pool().version},
         {"url", platform.api_url()},
         {"credentials", credentials},
         {"backup_location", platform.backups.location},
         {"backup_key_file", platform.backups.key_file}},
        fmt::format("{} {} at {}\ncredentials of {} are in {}\n"
                    "backups go to {}; without the key in {} nobody can read them: keep a copy of "
                    "it elsewhere\n",
                    common.environment,
                    result.id.empty() ? "is up already: nothing to do," : "is up",
                    platform.api_url(), platform.credentials.email, credentials,
                    platform.backups.location, platform.backups.key_file));
  }

  bool detach_ = false;
  bool plan_ = false;
  std::optional<std::int64_t> port_;
  std::optional<std::int64_t> replicas_;
  std::optional<std::int64_t> workers_;
};

}  // namespace

CommandPtr make_up_command() { return std::make_unique<UpCommand>(); }

}  // namespace auterity::cli
