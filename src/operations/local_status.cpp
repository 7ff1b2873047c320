#include "operations/local_status.h"

#include <algorithm>
#include <boost/json.hpp>

#include "operations/backup/backup_summary.h"
#include "operations/journal/file_journal.h"
#include "operations/journal/file_lock.h"
#include "operations/up/up_service_steps.h"

namespace auterity::operations {
namespace {

Json component_json(const ComponentStatus& component) {
  const local::ServiceState& state = component.state;
  return JsonObject{{"name", component.name},
                    {"state", state.name()},
                    {"pid", state.up ? Json(state.pid) : Json(nullptr)},
                    {"since", state.supervised ? Json(to_rfc3339(state.since)) : Json(nullptr)},
                    {"restarts", state.restarts}};
}

Json pool_json(const PoolStatus& pool) {
  return JsonObject{{"colour", pool.colour}, {"version", pool.version}, {"percent", pool.percent}};
}

JsonObject interrupted_json(const OperationHistory& operation) {
  return {{"id", operation.id},
          {"operation", operation.plan.operation},
          {"hint", how_to_continue(operation)}};
}

}  // namespace

std::string component_name(const local::Platform& platform, std::string_view service) {
  const local::PoolMember member = local::parse_member(service);
  return std::string(member.colour == platform.pool().colour ? member.component : service);
}

Async<Result<PlatformStatus>> observe_platform(LocalContext& context) {
  AUTERITY_CO_TRY(platform, load_platform(context, false));
  auto supervisor = supervisor_of(context, platform);
  PlatformStatus status;
  status.environment = context.layout.environment;
  status.version = platform.pool().version;
  status.colour = platform.pool().colour;
  status.url = platform.api_url();
  for (const local::Pool& pool : platform.pools)
    status.pools.push_back({pool.colour, pool.version, pool.percent});
  AUTERITY_CO_TRY(installed, supervisor.installed_services());
  // In starting order; then what is there without being wanted.
  std::vector<std::string> names;
  for (std::string& name : platform.service_names())
    if (std::ranges::find(installed, name) != installed.end()) names.push_back(std::move(name));
  for (std::string& name : installed)
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  bool any_up = false;
  for (const std::string& name : names) {
    AUTERITY_CO_TRY(state, co_await supervisor.state(name));
    any_up = any_up || state.up;
    status.components.push_back({component_name(platform, name), name, state});
  }
  status.supervisor = supervisor.running() ? "running" : any_up ? "gone" : "stopped";
  status.health = "stopped";
  if (any_up) {
    AUTERITY_CO_TRY(health, co_await observe_health(context, platform));
    status.health = health.holds ? "healthy" : "unhealthy";
    status.evidence = health.evidence;
  }
  if (const auto backups = backup::read_summary(context.files, context.layout.operations()))
    status.last_backup = backup::last_backup(*backups);
  status.observed_at = context.clock.now();
  // One that cannot be read is written anew within a second.
  if (auto shipping = backup::read_log_shipping(context.files, context.layout.operations()))
    status.log_shipping = std::move(*shipping);
  FileLock lock(context.files, context.clock, context.layout.operations());
  if (lock.is_held()) {
    status.operation = lock.peek();
    co_return status;
  }
  FileJournal journal(context.files, context.layout.operations());
  // A journal that cannot be read is no reason to say nothing of what runs.
  if (auto unfinished = find_unfinished(journal)) status.interrupted = std::move(*unfinished);
  co_return status;
}

JsonObject to_json(const PlatformStatus& status) {
  JsonArray components;
  for (const ComponentStatus& component : status.components)
    components.push_back(component_json(component));
  JsonArray pools;
  for (const PoolStatus& pool : status.pools) pools.push_back(pool_json(pool));
  return {{"environment", status.environment},
          {"version", status.version},
          {"colour", status.colour},
          {"url", status.url},
          {"health", status.health},
          {"evidence", status.evidence},
          {"supervisor", status.supervisor},
          {"pools", std::move(pools)},
          {"components", std::move(components)},
          {"operation", status.operation ? Json(to_json(*status.operation)) : Json(nullptr)},
          {"interrupted",
           status.interrupted ? Json(interrupted_json(*status.interrupted)) : Json(nullptr)},
          {"log_shipping", backup::shipping_status(status.log_shipping, status.observed_at)},
          {"last_backup", status.last_backup},
          {"last_drill", nullptr}};
}

}  // namespace auterity::operations
