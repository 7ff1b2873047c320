#include "operations/recover/recover.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "operations/recover/data_steps.h"
#include "operations/recover/kept_settings.h"
#include "operations/recover/recover_plan.h"
#include "operations/recover/recovered_platform.h"
#include "operations/up/down.h"
#include "operations/up/up.h"
#include "operations/up/up_steps.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kStop = "stop-";

// A step of up, once the platform that it is about has its credentials.
class PreparedStep final : public Step {
 public:
  PreparedStep(RecoverWorld& world, std::unique_ptr<Step> step)
      : world_(world), step_(std::move(step)) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_CHECK(co_await world_.prepare());
    co_return co_await step_->observe();
  }
  Async<Status> apply() override {
    AUTERITY_CO_CHECK(co_await world_.prepare());
    co_return co_await step_->apply();
  }
  Async<Status> undo() override {
    AUTERITY_CO_CHECK(co_await world_.prepare());
    co_return co_await step_->undo();
  }
  Async<Status> settle() override {
    AUTERITY_CO_CHECK(co_await world_.prepare());
    co_return co_await step_->settle();
  }

 private:
  RecoverWorld& world_;
  std::unique_ptr<Step> step_;
};

Result<std::unique_ptr<backup::BackupStorage>> open_source(const RecoverServices& services) {
  LocalContext source = services.context;
  source.layout.environment = services.source;
  return backup::BackupStorage::open(source, services.source_environment);
}

}  // namespace

RecoverOperation::RecoverOperation(RecoverServices services, RecoveryWish wish,
                                   std::unique_ptr<backup::BackupStorage> storage)
    : services_(std::move(services)),
      wish_(std::move(wish)),
      world_(new RecoverWorld{.context = services_.context,
                              .storage = std::move(storage),
                              .request = {},
                              .platform = {},
                              .make_interrupted_work = services_.make_interrupted_work}) {}

RecoverOperation::~RecoverOperation() = default;

Result<std::unique_ptr<RecoverOperation>> RecoverOperation::make(RecoverServices services,
                                                                 RecoveryWish wish) {
  AUTERITY_TRY(storage, open_source(services));
  return std::unique_ptr<RecoverOperation>(
      new RecoverOperation(std::move(services), std::move(wish), std::move(storage)));
}

Result<std::unique_ptr<RecoverOperation>> RecoverOperation::make(RecoverServices services,
                                                                 RecoverRequest request) {
  AUTERITY_TRY(operation, make(std::move(services), RecoveryWish{request.backup, request.to}));
  RecoverWorld& world = *operation->world_;
  world.platform = platform_of(world.context, request.facts);
  world.platform.ai_service_url = operation->services_.environment.text("ai_service.url");
  world.request = std::move(request);
  return operation;
}

Async<Status> RecoverOperation::look_at_target(RecoverFacts& facts) {
  LocalContext& context = world_->context;
  AUTERITY_CO_CHECK(co_await check_public_port(
      context, facts.platform, "stop it: that is the port which the platform's clients know"));
  facts.has_data = context.files.exists(context.layout.postgres()) ||
                   context.files.exists(context.layout.credentials());
  if (!context.files.exists(context.layout.platform_file())) co_return Status{};
  AUTERITY_CO_TRY(down, co_await DownOperation(context).plan());
  std::ranges::copy_if(down.steps, std::back_inserter(facts.stops),
                       [](const PlannedStep& step) { return step.name.starts_with(kStop); });
  AUTERITY_CO_TRY(installed, supervisor_of(context, facts.platform).installed_services());
  const auto wanted = facts.platform.service_names();
  std::ranges::copy_if(installed, std::back_inserter(facts.surplus), [&](const auto& service) {
    return !local::parse_member(service).colour.empty() &&
           std::ranges::find(wanted, service) == wanted.end();
  });
  co_return Status{};
}

Async<Result<RecoverFacts>> RecoverOperation::look() {
  LocalContext& context = world_->context;
  backup::Catalogue& catalogue = world_->storage->catalogue();
  AUTERITY_CO_TRY(entries, co_await catalogue.all());
  std::optional<backup::CatalogueEntry> named;
  if (wish_.backup != "latest") {
    AUTERITY_CO_TRY(found, co_await catalogue.find(wish_.backup));
    named = std::move(found);
  }
  const bool same = services_.source == context.layout.environment;
  AUTERITY_CO_TRY(backups, choose_source(entries, named, wish_, context.clock.now(),
                                         services_.source, catalogue.location()));
  std::optional<KeptSettings> settings;
  if (backups.files) {
    AUTERITY_CO_TRY(read,
                    co_await read_settings(context, *world_->storage, *backups.files->manifest));
    settings = std::move(read);
  } else if (!same || !context.files.exists(context.layout.credentials())) {
    LocalContext source = context;
    source.layout.environment = services_.source;
    co_return fail(
        ErrorKind::not_ready,
        fmt::format("environment {} has no backup of its configuration", services_.source),
        fmt::format("without its keys nobody opens the secrets in its database: put a copy of {} "
                    "there, and recover that environment",
                    source.layout.credentials().string()));
  }
  AUTERITY_CO_TRY(platform,
                  choose_recovered_platform(context, services_.environment, settings, same));
  AUTERITY_CO_CHECK(
      check_schema(context, platform, backups.database.manifest->database->schema_revision));
  RecoverFacts facts{.source = services_.source,
                     .backups = std::move(backups),
                     .to = wish_.to,
                     .platform = std::move(platform),
                     .release_there = settings ? settings->facts.pools.front().version : ""};
  AUTERITY_CO_CHECK(co_await look_at_target(facts));
  co_return facts;
}

Async<Result<Plan>> RecoverOperation::plan() {
  const Time begun_at = world_->context.clock.now();
  AUTERITY_CO_TRY(facts, co_await look());
  const auto id_of = [](const backup::CatalogueEntry& entry) {
    return auterity::to_text(entry.manifest->id);
  };
  world_->request = {.source = services_.source,
                     .backup = id_of(facts.backups.database),
                     .files = facts.backups.files ? id_of(*facts.backups.files) : "",
                     .to = facts.to,
                     .begun_at = begun_at,
                     .facts = local::kept_facts(facts.platform)};
  world_->platform = facts.platform;
  replaces_data_ = facts.has_data;
  co_return plan_recover(facts);
}

Result<std::unique_ptr<Step>> RecoverOperation::bind(const PlannedStep& step) {
  if (step.name.starts_with(kStop)) return DownOperation(world_->context).bind(step);
  for (const auto make : {make_put_aside_step, make_cluster_step, make_uploads_step,
                          make_executions_step, make_report_step})
    if (auto effects = make(*world_, step.name)) return effects;
  auto effects = make_up_step(world_->context, world_->platform, step.name);
  if (effects) return std::make_unique<PreparedStep>(*world_, std::move(*effects));
  return fail(ErrorKind::not_found, fmt::format("recover has no step named {}", step.name),
              "the operation was begun by another version of auterity; use that one to go on");
}

// Whatever was under way is of a platform that is being replaced.
bool RecoverOperation::supersedes(std::string_view) const { return true; }

std::string RecoverOperation::way_back(const OperationHistory& done) const {
  return fmt::format("recover another backup or another time: auterity recover --plan -e {}",
                     done.plan.environment);
}

Json RecoverOperation::report() const {
  const auto text = world_->context.files.read(world_->evidence(kRecoveryReport));
  if (!text) return nullptr;
  return parse_json(*text).value_or(Json(nullptr));
}

}  // namespace auterity::operations
