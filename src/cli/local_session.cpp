#include "cli/local_session.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <ostream>

#include "cli/backup_session.h"
#include "cli/migrate_session.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/recover_session.h"
#include "core/version.h"
#include "operations/release/release_build.h"
#include "operations/release/release_prune.h"
#include "operations/restart/restart.h"
#include "operations/scale/autoscale.h"
#include "operations/scale/autoscaler.h"
#include "operations/scale/scale.h"
#include "operations/up/down.h"
#include "operations/up/up.h"

namespace auterity::cli {
namespace {

std::string variable(const World& world, std::string_view name) {
  const std::string* value = find_variable(world.environment, name);
  return value == nullptr ? "" : *value;
}

bool is_folder_of(const std::string& path, unsigned user_id) {
  struct stat facts{};
  return !path.empty() && ::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode) &&
         facts.st_uid == user_id;
}

std::string user_name(unsigned user_id) {
  const passwd* entry = ::getpwuid(user_id);
  return entry == nullptr ? std::to_string(user_id) : entry->pw_name;
}

std::string host_name() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

// `actor`: who is behind it, when that is not the user: the person who called sudo, a service.
std::string actor_at_machine(const std::string& actor, const std::string& user) {
  return fmt::format("{}@{} pid {}", actor.empty() ? user : fmt::format("{} (as {})", actor, user),
                     host_name(), ::getpid());
}

Result<local::Layout> layout_of(const World& world, const std::string& environment) {
  local::Surroundings around;
  around.auterity_home = variable(world, "AUTERITY_HOME");
  around.xdg_state_home = variable(world, "XDG_STATE_HOME");
  around.xdg_config_home = variable(world, "XDG_CONFIG_HOME");
  around.home = variable(world, "HOME");
  around.user_id = ::geteuid();
  around.working_directory = world.working_directory;
  const std::string runtime = variable(world, "XDG_RUNTIME_DIR");
  if (is_folder_of(runtime, around.user_id)) around.xdg_runtime_dir = runtime;
  return local::make_layout(around, environment);
}

// Another user's sockets and pipes cannot be reached: everything would seem to be down.
Status check_owner(const local::Layout& layout) {
  struct stat facts{};
  if (::geteuid() == 0 || ::stat(layout.state().c_str(), &facts) != 0 ||
      facts.st_uid == ::geteuid())
    return {};
  return fail(ErrorKind::forbidden,
              fmt::format("environment {} in {} belongs to {}", layout.environment,
                          layout.home.string(), user_name(facts.st_uid)),
              "run the command as that user, or set AUTERITY_HOME to a folder of your own");
}

class ProgressObserver final : public operations::RunObserver {
 public:
  explicit ProgressObserver(World& world) : world_(world) {}

  void step_began(const operations::PlannedStep& step, bool undoing) override {
    if (!progress_) progress_ = std::make_unique<Progress>(world_);
    progress_->begin(fmt::format("{}{}", undoing ? "take back: " : "", step.description));
  }
  void step_ended(const operations::PlannedStep&, std::string_view evidence) override {
    if (progress_) progress_->done(evidence);
  }
  void step_failed(const operations::PlannedStep&, std::string_view reason) override {
    if (progress_) progress_->failed(reason);
  }
  void note(std::string_view line) override {
    if (!progress_) progress_ = std::make_unique<Progress>(world_);
    progress_->say(line);
  }

 private:
  World& world_;
  std::unique_ptr<Progress> progress_;
};

operations::LocalContext make_context(World& world, local::Layout layout) {
  const auto pages = static_cast<std::uint64_t>(std::max(::sysconf(_SC_PHYS_PAGES), 0L));
  const auto page = static_cast<std::uint64_t>(std::max(::sysconf(_SC_PAGESIZE), 0L));
  return {.executor = world.executor,
          .files = world.files,
          .processes = world.processes,
          .clock = world.clock,
          .random = world.random,
          .http = world.http,
          .log = world.log,
          .program = world.program,
          .user_id = ::geteuid(),
          .user_name = user_name(::geteuid()),
          .memory_bytes = pages * page,
          .layout = std::move(layout)};
}

}  // namespace

LocalSession::LocalSession(World& world, const CommonOptions& common, local::Layout layout)
    : world_(world),
      reason_(common.reason),
      context_(make_context(world, std::move(layout))),
      journal_(world.files, context_.layout.operations()),
      lock_(world.files, world.clock, context_.layout.operations()),
      observer_(std::make_unique<ProgressObserver>(world)) {}
LocalSession::~LocalSession() = default;

Result<std::unique_ptr<LocalSession>> LocalSession::open(World& world,
                                                         const CommonOptions& common) {
  AUTERITY_TRY(session, open_new(world, common));
  AUTERITY_CHECK(session->check_known());
  return session;
}

Result<std::unique_ptr<LocalSession>> LocalSession::open_new(World& world,
                                                             const CommonOptions& common) {
  AUTERITY_TRY(layout, layout_of(world, common.environment));
  AUTERITY_CHECK(check_owner(layout));
  // Services that dropped root's privileges read what is written here; secrets have modes of their
  // own.
  ::umask(022);
  return std::unique_ptr<LocalSession>(new LocalSession(world, common, std::move(layout)));
}

Status LocalSession::check_known() {
  if (world_.files.exists(context_.layout.state())) return {};
  auto environment = environment_file();
  // A file that cannot be read describes it all the same.
  if (!environment && environment.error().kind == ErrorKind::not_found)
    return std::unexpected(std::move(environment).error());
  return {};
}

Result<operations::EnvironmentFile> LocalSession::environment_file() {
  return environment_file(context_.layout.environment);
}

Result<operations::EnvironmentFile> LocalSession::environment_file(const std::string& environment) {
  std::vector<std::string> folders;
  if (const std::string folder = variable(world_, "AUTERITY_ENVIRONMENTS"); !folder.empty())
    folders.push_back(folder);
  folders.push_back((world_.working_directory / "infrastructure/environments").string());
  // The source tree that this program was built in.
  for (auto above = world_.program.parent_path(); above != above.root_path();
       above = above.parent_path())
    folders.push_back((above / "infrastructure/environments").string());
  return operations::load_environment(world_.files, folders, environment, world_.environment);
}

bool LocalSession::is_production() {
  const auto environment = environment_file();
  return environment ? environment->is_production()
                     : context_.layout.environment.contains("production");
}

operations::OperationKinds LocalSession::kinds() {
  using operations::DownOperation;
  using operations::UpOperation;
  operations::OperationKinds kinds;
  kinds.emplace(
      UpOperation::kKind,
      [this](const JsonObject& request) -> Result<std::unique_ptr<operations::Operation>> {
        AUTERITY_TRY(environment, environment_file());
        return std::make_unique<UpOperation>(context_, std::move(environment),
                                             UpOperation::parse_request(request));
      });
  kinds.emplace(DownOperation::kKind,
                [this](const JsonObject&) -> Result<std::unique_ptr<operations::Operation>> {
                  return std::make_unique<DownOperation>(context_);
                });
  using operations::DeployOperation;
  for (const std::string_view kind : {DeployOperation::kKind, DeployOperation::kRollback})
    kinds.emplace(
        kind,
        [this, kind](const JsonObject& request) -> Result<std::unique_ptr<operations::Operation>> {
          AUTERITY_TRY(services, deploy_services());
          AUTERITY_TRY(parsed, operations::parse_deploy_request(request));
          return std::make_unique<DeployOperation>(std::move(services), std::move(parsed), kind);
        });
  using operations::ReleaseBuildOperation;
  kinds.emplace(
      ReleaseBuildOperation::kKind,
      [this](const JsonObject& request) -> Result<std::unique_ptr<operations::Operation>> {
        return std::make_unique<ReleaseBuildOperation>(
            context_, ReleaseBuildOperation::parse_request(request));
      });
  using operations::ReleasePruneOperation;
  kinds.emplace(
      ReleasePruneOperation::kKind,
      [this](const JsonObject& request) -> Result<std::unique_ptr<operations::Operation>> {
        return std::make_unique<ReleasePruneOperation>(
            context_, ReleasePruneOperation::parse_request(request));
      });
  add_migrate_kinds(world_, *this, kinds);
  add_size_kinds(kinds);
  add_backup_kinds(world_, *this, kinds);
  add_recover_kind(world_, *this, kinds);
  return kinds;
}

Result<operations::DeployServices> LocalSession::deploy_services() {
  AUTERITY_TRY(environment, environment_file());
  return operations::DeployServices{context_, std::move(environment), migrator_options(*this)};
}

void LocalSession::add_size_kinds(operations::OperationKinds& kinds) {
  using operations::RestartOperation;
  kinds.emplace(
      RestartOperation::kKind,
      [this](const JsonObject& request) -> Result<std::unique_ptr<operations::Operation>> {
        return std::make_unique<RestartOperation>(context_,
                                                  RestartOperation::parse_request(request));
      });
  using operations::AutoscaleOperation;
  kinds.emplace(
      AutoscaleOperation::kKind,
      [this](const JsonObject& request) -> Result<std::unique_ptr<operations::Operation>> {
        return AutoscaleOperation::make(context_, request);
      });
  using operations::ScaleOperation;
  kinds.emplace(
      ScaleOperation::kKind,
      [this](const JsonObject& request) -> Result<std::unique_ptr<operations::Operation>> {
        AUTERITY_TRY(environment, environment_file());
        return std::make_unique<ScaleOperation>(context_, std::move(environment), request);
      });
}

std::string LocalSession::who() const {
  return actor_at_machine(variable(world_, "SUDO_USER"), context_.user_name);
}

operations::Runner LocalSession::runner() { return make_runner(who(), reason_); }

operations::Runner LocalSession::autoscaler_runner(std::string reason) {
  return make_runner(actor_at_machine(std::string(operations::kAutoscalerName), context_.user_name),
                     std::move(reason));
}

operations::Runner LocalSession::make_runner(std::string who, std::string why) {
  return {{journal_, lock_, world_.clock, world_.random, *observer_},
          {std::move(who), std::move(why), fmt::format("auterity {}", version())}};
}

Status check_up(World& world, const local::Platform& platform) {
  if (world.files.exists(platform.postgres_socket())) return {};
  const std::string& environment = platform.layout.environment;
  return fail(ErrorKind::not_ready,
              fmt::format("the database of environment {} does not run", environment),
              fmt::format("start the platform: auterity up -e {}", environment));
}

void print_outcome(World& world, const CommonOptions& common, const operations::RunResult& result,
                   JsonObject facts, std::string_view text) {
  if (!common.json) {
    world.out << text << (result.stays.empty() ? "" : result.stays + "\n");
    return;
  }
  if (!result.stays.empty()) facts["stays"] = result.stays;
  facts["operation"] = result.id.empty() ? Json(nullptr) : Json(result.id);
  facts["outcome"] = result.outcome;
  print_json(world, Json(std::move(facts)));
}

void print_plan(World& world, const CommonOptions& common, const operations::Plan& plan) {
  if (common.json)
    print_json(world, Json(operations::to_json(plan)));
  else
    world.out << operations::to_text(plan);
}

std::string operation_interruption_hint() {
  return "go on with it: auterity operations resume latest; take it back: auterity operations undo "
         "latest; or give the command again; each with the same --environment";
}

}  // namespace auterity::cli
