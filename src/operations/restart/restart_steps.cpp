#include "operations/restart/restart_steps.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "core/moment.h"
#include "operations/evidence.h"
#include "operations/kept_step.h"
#include "operations/rotation_steps.h"
#include "operations/up/up_service_steps.h"
#include "targets/local/haproxy_admin.h"

namespace auterity::operations {
namespace {

using namespace restart_step;

constexpr Duration kReloadLimit = std::chrono::seconds(20);
constexpr Duration kPoll = std::chrono::milliseconds(50);

int old_pid(const RestartRequest& request, const std::string& service) {
  const auto found = request.old_pids.find(service);
  return found == request.old_pids.end() ? 0 : found->second;
}

class EvidenceStep final : public KeptStep {
 public:
  EvidenceStep(LocalContext& context, const local::Platform& platform, std::filesystem::path folder)
      : context_(context), platform_(platform), folder_(std::move(folder)) {}

  Async<Result<Observation>> observe() override {
    co_return observe_evidence(context_.files, folder_);
  }
  Async<Status> apply() override { co_return co_await keep_evidence(context_, platform_, folder_); }

 private:
  LocalContext& context_;
  const local::Platform& platform_;
  std::filesystem::path folder_;
};

// With the definition that it runs with: a restart changes no setting.
class RestartStep final : public KeptStep {
 public:
  RestartStep(local::Supervisor supervisor, std::string service, int old)
      : supervisor_(std::move(supervisor)), service_(std::move(service)), old_pid_(old) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(state, co_await supervisor_.state(service_));
    co_return Observation{
        state.ready && state.pid != old_pid_ && !state.kept_down,
        fmt::format("{} with pid {} since {}", state.name(), state.pid, moment(state.since))};
  }
  // Cut off after the start, it does not start the service a second time.
  Async<Status> apply() override {
    AUTERITY_CO_TRY(state, co_await supervisor_.state(service_));
    if (!state.up || state.pid == old_pid_)
      AUTERITY_CO_CHECK(co_await supervisor_.stop_service(service_));
    co_return co_await supervisor_.continue_service(service_);
  }
  Async<Status> settle() override { co_return co_await supervisor_.continue_service(service_); }

 private:
  local::Supervisor supervisor_;
  std::string service_;
  int old_pid_;
};

// HAProxy's master stays; its workers are others, and the port is open throughout.
class ReloadStep final : public KeptStep {
 public:
  ReloadStep(LocalContext& context, const local::Platform& platform, int old)
      : context_(context), platform_(platform), old_pid_(old) {}

  Async<Result<Observation>> observe() override {
    const int pid = co_await haproxy_worker_pid(context_, platform_);
    co_return Observation{pid != 0 && pid != old_pid_, fmt::format("worker with pid {}", pid)};
  }

  Async<Status> apply() override {
    auto supervisor = supervisor_of(context_, platform_);
    AUTERITY_CO_TRY(state, co_await supervisor.state("haproxy"));
    if (!state.ready) co_return co_await supervisor.continue_service("haproxy");
    AUTERITY_CO_CHECK(co_await supervisor.signal_service("haproxy", "-2"));
    const Duration deadline = context_.clock.monotonic() + kReloadLimit;
    for (;;) {
      AUTERITY_CO_TRY(seen, co_await observe());
      if (seen.holds) co_return Status{};
      if (context_.clock.monotonic() > deadline)
        co_return fail(ErrorKind::failed, "HAProxy did not start new processes",
                       "see its log in " + (platform_.layout.logs() / "haproxy").string());
      co_await context_.clock.sleep(kPoll);
    }
  }

 private:
  LocalContext& context_;
  const local::Platform& platform_;
  int old_pid_;
};

}  // namespace

Async<int> haproxy_worker_pid(LocalContext& context, local::Platform platform) {
  constexpr std::string_view kLabel = "\nPid: ";
  const auto facts = co_await local::haproxy_command(
      context.clock, platform.layout.socket("haproxy-admin"), "show info");
  const std::size_t at = facts ? facts->find(kLabel) : std::string::npos;
  int pid = 0;
  if (at != std::string::npos)
    std::from_chars(facts->data() + at + kLabel.size(), facts->data() + facts->size(), pid);
  co_return pid;
}

std::unique_ptr<Step> make_restart_step(LocalContext& context, const local::Platform& platform,
                                        const RestartRequest& request,
                                        std::string_view operation_id, const std::string& name) {
  const auto service = [&](std::string_view verb) { return name.substr(verb.size()); };
  if (name == kEvidence)
    return std::make_unique<EvidenceStep>(context, platform,
                                          evidence_folder(platform.layout, operation_id));
  if (name == kHealth || name.starts_with(kHealthAfter))
    return make_service_step(context, platform, std::string(kHealth));
  if (name.starts_with(kDrain)) return make_drain_step(context, platform, service(kDrain));
  if (name.starts_with(kReturn)) return make_return_step(context, platform, service(kReturn));
  if (name.starts_with(kRestart))
    return std::make_unique<RestartStep>(supervisor_of(context, platform), service(kRestart),
                                         old_pid(request, service(kRestart)));
  if (name.starts_with(kReload))
    return std::make_unique<ReloadStep>(context, platform, old_pid(request, service(kReload)));
  return nullptr;
}

}  // namespace auterity::operations
