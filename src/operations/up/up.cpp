#include "operations/up/up.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "operations/up/up_steps.h"
#include "targets/local/ports.h"
#include "targets/local/wal_shipper_service.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kRetire = "retire-";

UndoPolicy policy_of(const local::Platform& platform, const ObservedPlatform& observed,
                     const std::string& name) {
  const auto services = platform.service_names();
  // Ending the supervisor would end what ran before this operation.
  const bool serves_others = std::ranges::any_of(services, [&](const std::string& service) {
    const auto seen = observed.holds.find(service);
    return seen != observed.holds.end() && seen->second;
  });
  if ((name == "supervisor" && !serves_others) ||
      std::ranges::find(services, name) != services.end())
    return UndoPolicy::undo;
  return UndoPolicy::keep;
}

// API replicas and workers that are more than wanted.
std::vector<std::string> surplus(const local::Platform& platform,
                                 const std::vector<std::string>& installed) {
  const auto wanted = platform.service_names();
  std::vector<std::string> names;
  for (const std::string& name : installed)
    if (!local::parse_member(name).colour.empty() &&
        std::ranges::find(wanted, name) == wanted.end())
      names.push_back(name);
  return names;
}

std::optional<int> find_int(const JsonObject& object, std::string_view name) {
  const Json* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return static_cast<int>(value->get_int64());
}

}  // namespace

std::string describe_up_step(const local::Platform& platform, const std::string& name) {
  const local::Layout& layout = platform.layout;
  if (name == "service-user")
    return fmt::format("create the system user {} that services run as", platform.service_user);
  if (name == "state-folder") return "create " + layout.state().string() + " with its folders";
  if (name == "credentials")
    return fmt::format("create passwords and keys in {}", layout.credentials().string());
  if (name == "backup-key")
    return fmt::format("create the key that seals backups, {}", platform.backups.key_file);
  if (name == "release") return fmt::format("install release {}", platform.pool().version);
  if (name == "supervisor") return "start the supervisor, s6-svscan";
  if (name == "postgres-cluster") return "initialise PostgreSQL's data folder with checksums";
  if (name == "postgres")
    return fmt::format("start PostgreSQL on 127.0.0.1:{}", platform.postgres_port);
  if (name == local::kWalShipper)
    return fmt::format("start shipping the database's log to {}", platform.backups.location);
  if (name == "database") return "create the role and the database auterity";
  if (name == "schema") return "apply the release's migrations";
  if (name == "redis") return "start Redis on a unix socket";
  if (name == "administrator")
    return fmt::format("create the first administrator, {}", platform.credentials.email);
  if (name == "nginx") return "start nginx for the web interface";
  if (name == "haproxy")
    return fmt::format("start HAProxy on {}:{}", platform.address, platform.public_port);
  if (name == local::kAutoscaler) return "start the autoscaler";
  if (name == "health") return fmt::format("see the platform healthy at {}", platform.api_url());
  if (name.starts_with(kRetire))
    return fmt::format("stop and remove {}", name.substr(kRetire.size()));
  const local::Pool* pool = platform.find_pool(local::parse_member(name).colour);
  return fmt::format("start {} of release {}", name, pool == nullptr ? "" : pool->version);
}

std::vector<std::string> up_step_names(const local::Platform& platform) {
  std::vector<std::string> names;
  if (platform.drops_privileges) names.push_back("service-user");
  for (const std::string_view name : std::initializer_list<std::string_view>{
           "state-folder", "credentials", "backup-key", "release", "supervisor", "postgres-cluster",
           "postgres", local::kWalShipper, "database", "schema", "redis"})
    names.emplace_back(name);
  for (const local::Pool& pool : platform.pools) {
    for (std::string& name : pool.api_names()) names.push_back(std::move(name));
    for (std::string& name : pool.worker_names()) names.push_back(std::move(name));
  }
  for (const std::string_view name : {"administrator", "nginx", "haproxy"})
    names.emplace_back(name);
  if (platform.autoscaler) names.emplace_back(local::kAutoscaler);
  names.emplace_back("health");
  return names;
}

Plan plan_up(const local::Platform& platform, const ObservedPlatform& observed) {
  Plan plan{std::string(UpOperation::kKind), platform.layout.environment, {}, {}};
  const auto add = [&](const std::string& name) {
    plan.steps.push_back({name, describe_up_step(platform, name),
                          policy_of(platform, observed, name), name != "health"});
  };
  for (const std::string& name : up_step_names(platform)) {
    if (name == "health")
      for (const std::string& service : surplus(platform, observed.installed_services))
        add(std::string(kRetire) + service);
    const auto seen = observed.holds.find(name);
    if (seen != observed.holds.end() && seen->second)
      plan.satisfied.push_back(name);
    else
      add(name);
  }
  return plan;
}

UpOperation::UpOperation(LocalContext& context, EnvironmentFile environment, PlatformWish wish)
    : context_(context), environment_(std::move(environment)), wish_(wish) {}
UpOperation::~UpOperation() = default;

JsonObject UpOperation::request() const {
  JsonObject request;
  if (wish_.port) request["port"] = *wish_.port;
  if (wish_.replicas) request["replicas"] = *wish_.replicas;
  if (wish_.workers) request["workers"] = *wish_.workers;
  return request;
}

PlatformWish UpOperation::parse_request(const JsonObject& request) {
  return {find_int(request, "port"), find_int(request, "replicas"), find_int(request, "workers")};
}

Status UpOperation::prepare() {
  if (platform_) return {};
  AUTERITY_TRY(platform, choose_platform(context_, environment_, wish_));
  platform_ = std::make_unique<local::Platform>(std::move(platform));
  return {};
}

// HAProxy would say it in its log only, and after everything else has been started.
Async<Status> check_public_port(LocalContext& context, local::Platform platform, std::string hint) {
  const int port = platform.public_port;
  auto supervisor = supervisor_of(context, platform);
  AUTERITY_CO_TRY(haproxy, co_await supervisor.state("haproxy"));
  if (haproxy.up) {
    const auto kept = load_platform(context, false);
    if (kept && kept->public_port == port) co_return Status{};
  }
  if (local::is_free(platform.address, port)) co_return Status{};
  const auto holder = local::find_port_holder(port);
  co_return fail(
      ErrorKind::conflict,
      holder ? fmt::format("port {} is taken by {} (pid {}, in {})", port, holder->program,
                           holder->pid, holder->folder)
             : fmt::format(
                   "port {} is taken by another user's process, or may not be opened by you", port),
      std::move(hint));
}

Async<Result<Plan>> UpOperation::plan() {
  AUTERITY_CO_CHECK(prepare());
  AUTERITY_CO_CHECK(co_await check_public_port(
      context_, *platform_,
      fmt::format("stop it, or choose another port: auterity up -e {} --port {}",
                  platform_->layout.environment, platform_->public_port + 1)));
  ObservedPlatform observed;
  for (const std::string& name : up_step_names(*platform_)) {
    AUTERITY_CO_TRY(step, bind({name, {}, UndoPolicy::keep}));
    const auto seen = co_await step->observe();
    // What cannot even be looked at yet (a database that does not run) is not there.
    observed.holds[name] = seen && seen->holds;
  }
  AUTERITY_CO_TRY(installed, supervisor_of(context_, *platform_).installed_services());
  observed.installed_services = std::move(installed);
  co_return plan_up(*platform_, observed);
}

Result<std::unique_ptr<Step>> UpOperation::bind(const PlannedStep& step) {
  AUTERITY_CHECK(prepare());
  return make_up_step(context_, *platform_, step.name);
}

bool UpOperation::supersedes(std::string_view kind) const { return kind == "up" || kind == "down"; }

}  // namespace auterity::operations
