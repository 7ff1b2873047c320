#include "operations/deploy/observe_deploy.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "operations/deploy/deploy_changes.h"
#include "operations/journal/file_journal.h"
#include "operations/process_needs.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kVariables = "data/env/";
constexpr std::size_t kDeploysRemembered = 5;

ReleaseFacts release_facts(LocalContext& context, const std::string& version) {
  const auto manifest = local::read_manifest(context.files, context.layout.releases() / version);
  if (!manifest) return {version, {}, {}};
  return {version, manifest->facts.commit, manifest->facts.schema};
}

std::string source_of(const EnvironmentFile& environment, const std::string& variable) {
  if (variable == "AUTERITY_AI_SERVICE_URL") return environment.source("ai_service.url");
  for (const std::string_view kept :
       {"DATABASE_URL", "REDIS_URL", "JWT_SECRET_KEY", "AUTERITY_SECRETS_KEY"})
    if (variable == kept) return "credentials.json";
  return "the platform's kept facts";
}

// The pool in use is asked what it would be started with today: what differs from the variables
// that it was started with is what green gets anew.
std::vector<ChangedSetting> changed_settings(DeployWorld& world, const local::Platform& platform) {
  std::map<std::string, std::string_view> changed;
  const local::Supervisor supervisor = supervisor_of(world.context, platform);
  auto services = platform.pool().api_names();
  std::ranges::copy(platform.pool().worker_names(), std::back_inserter(services));
  for (const std::string& service : services) {
    const local::ServiceDefinition wanted = local::define_service(platform, service);
    const auto folder = platform.layout.services() / service / kVariables;
    for (const std::string& file : supervisor.changed_files(wanted))
      if (file.starts_with(kVariables)) {
        const std::string name = file.substr(kVariables.size());
        changed[name] = world.context.files.exists(folder / name) ? "changed" : "added";
      }
    const auto there = world.context.files.list(folder);
    if (!there) continue;
    for (const std::string& name : *there)
      if (std::ranges::find(wanted.files, std::string(kVariables) + name,
                            &local::ServiceFile::name) == wanted.files.end())
        changed[name] = "removed";
  }
  std::vector<ChangedSetting> settings;
  for (const auto& [name, how] : changed)
    settings.push_back({name, how, source_of(world.environment, name)});
  return settings;
}

// One that cannot be read tells nothing.
std::vector<Duration> earlier_durations(LocalContext& context, std::string_view kind) {
  std::vector<Duration> durations;
  FileJournal journal(context.files, context.layout.operations());
  const auto ids = journal.ids();
  if (!ids) return durations;
  for (auto id = ids->rbegin(); id != ids->rend() && durations.size() < kDeploysRemembered; ++id) {
    const auto operation = journal.load(*id);
    if (!operation || operation->plan.operation != kind || operation->outcome != "done" ||
        !operation->finished_at)
      continue;
    const auto request = parse_deploy_request(operation->request);
    if (!request) continue;
    const Duration took = *operation->finished_at - operation->started_at;
    durations.push_back(std::max(took - watching_time(*request), Duration{}));
  }
  return durations;
}

Async<Status> check_services(LocalContext& context, const local::Platform& platform) {
  auto supervisor = supervisor_of(context, platform);
  for (const std::string& service : platform.service_names()) {
    AUTERITY_CO_TRY(state, co_await supervisor.state(service));
    if (!state.ready)
      co_return fail(ErrorKind::not_ready,
                     fmt::format("{} is {}: a release is brought in beside a platform that runs",
                                 service, state.name()),
                     fmt::format("start it: auterity up -e {}", platform.layout.environment));
  }
  co_return Status{};
}

}  // namespace

Async<Result<DeployFacts>> observe_deploy(DeployWorld& world, std::string_view kind) {
  LocalContext& context = world.context;
  AUTERITY_CO_TRY(platform, world.load());
  DeployFacts facts;
  AUTERITY_CO_CHECK(co_await check_services(context, platform));
  const auto largest = co_await find_largest_process(context, platform);
  facts.memory = {largest.value_or(0),
                  find_memory(context.files, "/proc/meminfo", "MemAvailable:").value_or(0)};
  facts.environment = platform.layout.environment;
  facts.request = world.request;
  facts.old_release = release_facts(context, world.request.old_version);
  facts.new_release = release_facts(context, world.request.version);
  facts.old_replicas = platform.pool().replicas;
  facts.old_workers = platform.pool().workers;
  facts.settings = changed_settings(world, platform);
  facts.earlier = earlier_durations(context, kind);
  co_return facts;
}

}  // namespace auterity::operations
