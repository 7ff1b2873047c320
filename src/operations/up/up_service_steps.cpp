#include "operations/up/up_service_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/json.h"
#include "operations/kept_step.h"
#include "operations/service_steps.h"
#include "targets/local/haproxy_admin.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kRetire = "retire-";
constexpr Duration kReloadLimit = std::chrono::seconds(10);
constexpr Duration kHealthLimit = std::chrono::seconds(60);

class SupervisorStep final : public Step {
 public:
  SupervisorStep(LocalContext& context, const local::Platform& platform)
      : supervisor_(supervisor_of(context, platform)) {}

  Async<Result<Observation>> observe() override {
    const bool running = supervisor_.running();
    co_return Observation{running, running ? "s6-svscan runs" : "s6-svscan does not run"};
  }
  Async<Status> apply() override { co_return co_await supervisor_.start(); }
  Async<Status> undo() override { co_return co_await supervisor_.stop(); }

 private:
  local::Supervisor supervisor_;
};

// A running HAProxy takes up a new configuration without closing the port or dropping a request.
class HaproxyStep final : public StartServiceStep {
 public:
  HaproxyStep(LocalContext& context, const local::Platform& platform)
      : StartServiceStep(context, fixed_platform(platform), "haproxy", UndoneStart::stopped),
        wanted_platform_(platform) {}

  Async<Status> apply() override {
    auto supervisor = supervisor_of(context_, wanted_platform_);
    const local::ServiceDefinition wanted = local::define_service(wanted_platform_, service_);
    AUTERITY_CO_TRY(state, co_await supervisor.state(service_));
    const auto changed = supervisor.changed_files(wanted);
    const bool reloadable = changed.empty() || changed == std::vector<std::string>{kConfiguration};
    if (!state.ready || !reloadable) co_return co_await supervisor.start_service(wanted);
    AUTERITY_CO_CHECK(co_await supervisor.reload_service(wanted));
    AUTERITY_CO_CHECK(co_await wait_until_taken_up());
    // Its first start was cut off before it was said to stay.
    if (state.kept_down) AUTERITY_CO_CHECK(co_await supervisor.continue_service(service_));
    co_return supervisor.confirm_started(wanted);
  }

 private:
  static constexpr const char* kConfiguration = "data/haproxy.cfg";

  Async<Status> wait_until_taken_up() {
    const std::string wanted = local::haproxy_description(wanted_platform_);
    const Duration deadline = context_.clock.monotonic() + kReloadLimit;
    for (;;) {
      const auto facts = co_await local::haproxy_command(
          context_.clock, wanted_platform_.layout.socket("haproxy-admin"), "show info");
      if (facts && facts->contains(wanted)) co_return Status{};
      if (context_.clock.monotonic() > deadline)
        co_return fail(ErrorKind::failed, "HAProxy did not take up its new configuration",
                       "see its log in " + (wanted_platform_.layout.logs() / "haproxy").string());
      co_await context_.clock.sleep(std::chrono::milliseconds(50));
    }
  }

  const local::Platform& wanted_platform_;
};

class HealthStep final : public KeptStep {
 public:
  HealthStep(LocalContext& context, const local::Platform& platform)
      : context_(context), platform_(platform) {}

  Async<Result<Observation>> observe() override {
    co_return co_await observe_health(context_, platform_);
  }

  // Nothing to do but to wait: HAProxy has yet to see that the replicas are ready.
  Async<Status> apply() override {
    const Duration deadline = context_.clock.monotonic() + kHealthLimit;
    for (;;) {
      AUTERITY_CO_TRY(seen, co_await observe_health(context_, platform_));
      if (seen.holds) co_return Status{};
      if (context_.clock.monotonic() > deadline)
        co_return fail(ErrorKind::not_ready, seen.evidence,
                       fmt::format("see what is wrong: auterity status -e {}, and the logs in {}",
                                   platform_.layout.environment, platform_.layout.logs().string()));
      co_await context_.clock.sleep(std::chrono::milliseconds(100));
    }
  }

 private:
  LocalContext& context_;
  const local::Platform& platform_;
};

Async<Result<HttpResponse>> get(LocalContext& context, std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  request.timeout = std::chrono::seconds(5);
  co_return co_await context.http.send(std::move(request));
}

// While a deploy divides the requests, each of its releases answers some.
std::set<std::string> versions_with_requests(const local::Platform& platform) {
  std::set<std::string> versions;
  for (const local::Pool& pool : platform.pools)
    if (pool.percent > 0) versions.insert(pool.version);
  return versions;
}

}  // namespace

Async<Result<Observation>> observe_health(LocalContext& context, local::Platform platform) {
  const std::string base = platform.local_url();
  std::string version;
  for (const std::string_view path : {"/api/health/readiness", "/api/health", "/"}) {
    const auto answer = co_await get(context, base + std::string(path));
    if (!answer)
      co_return Observation{false, fmt::format("{}{}: {}", base, path, answer.error().message)};
    if (answer->status != 200)
      co_return Observation{false, fmt::format("{}{} answered {}", base, path, answer->status)};
    if (path != "/api/health") continue;
    const auto body = parse_json(answer->body);
    if (body) version = string_or(find_member(*body, "version"), "");
    const auto wanted = versions_with_requests(platform);
    if (!wanted.contains(version))
      co_return Observation{false, fmt::format("version {} answers instead of {}", version,
                                               fmt::join(wanted, " or "))};
  }
  co_return Observation{true, fmt::format("{} answers, version {}", base, version)};
}

std::unique_ptr<Step> make_service_step(LocalContext& context, const local::Platform& platform,
                                        const std::string& name) {
  if (name == "supervisor") return std::make_unique<SupervisorStep>(context, platform);
  if (name == "health") return std::make_unique<HealthStep>(context, platform);
  if (name.starts_with(kRetire))
    return make_remove_step(context, fixed_platform(platform), name.substr(kRetire.size()));
  if (name == "haproxy") return std::make_unique<HaproxyStep>(context, platform);
  const auto services = platform.service_names();
  if (std::ranges::find(services, name) == services.end()) return nullptr;
  return std::make_unique<StartServiceStep>(context, fixed_platform(platform), name,
                                            UndoneStart::stopped);
}

}  // namespace auterity::operations
