#include "operations/migrate/operation.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "data/with_database.h"
#include "operations/migrate/databases.h"
#include "operations/migrate/steps.h"
#include "operations/migrate/table_contents.h"

namespace auterity::operations {
namespace {

// The time in a form that suits a file's name: 20261124T103000Z.
std::string compact_time(Time time) {
  std::string text = to_rfc3339(time).substr(0, 19);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text + "Z";
}

// The 7 of "0007_colours"; 0 for a step that is no migration's.
int revision_of(std::string_view step) {
  int revision = 0;
  std::from_chars(step.data(), step.data() + step.size(), revision);
  return revision;
}

Async<Result<ObservedSchema>> look(data::Database& database) {
  ObservedSchema observed;
  AUTERITY_CO_TRY(session, co_await database.open_session());
  AUTERITY_CO_TRY(applied, co_await data::read_applied(*session));
  observed.applied = std::move(applied);
  AUTERITY_CO_TRY(kept, co_await data::read_snapshot(*session));
  if (kept) {
    AUTERITY_CO_TRY(live, co_await data::describe_schema(*session));
    if (live.fingerprint != kept->fingerprint)
      observed.drift = data::compare_schemas(kept->text, live.text);
  }
  AUTERITY_CO_TRY(sizes, co_await estimate_rows(*session));
  observed.sizes = lint::TableSizes(sizes.begin(), sizes.end());
  co_return observed;
}

}  // namespace

Async<Result<ObservedSchema>> observe_schema(MigrateServices& services,
                                             const MigrateTarget& target) {
  AUTERITY_CO_TRY(exists, co_await database_exists(services, target, target.name));
  if (!exists) co_return ObservedSchema{.database_exists = false};
  co_return co_await data::with_database(open_target(services, target), look);
}

MigrateOperation::MigrateOperation(MigrateServices services, MigrateTarget target,
                                   std::shared_ptr<RestorePoints> restore_points,
                                   MigrateRequest request, data::MigratorOptions options)
    : services_(services),
      target_(std::move(target)),
      restore_points_(std::move(restore_points)),
      request_(std::move(request)),
      options_(std::move(options)) {}

JsonObject MigrateOperation::request() const {
  JsonObject request{{"database", target_.shown},
                     {"migrations", target_.migrations},
                     {"accept_drift", request_.accept_drift},
                     {"restore_point", request_.restore_point}};
  if (request_.to) request["to"] = *request_.to;
  return request;
}

MigrateRequest MigrateOperation::parse_request(MigrateDirection direction,
                                               const JsonObject& request) {
  MigrateRequest parsed{.direction = direction, .to = {}, .restore_point = {}};
  if (const Json* to = request.if_contains("to"); to != nullptr && to->is_int64())
    parsed.to = static_cast<int>(to->get_int64());
  if (const Json* accept = request.if_contains("accept_drift");
      accept != nullptr && accept->is_bool())
    parsed.accept_drift = accept->get_bool();
  parsed.restore_point = string_or(request.if_contains("restore_point"), "");
  return parsed;
}

Async<Result<Plan>> MigrateOperation::plan() {
  AUTERITY_CO_TRY(planned, co_await plan_with_statements());
  co_return std::move(planned.plan);
}

std::string MigrateOperation::way_back(const OperationHistory& done) const {
  const std::string& environment = done.plan.environment;
  if (request_.direction == MigrateDirection::down)
    return fmt::format("apply them again: auterity migrate up -e {}", environment);
  for (const PlannedStep& step : done.lasting_steps_kept())
    if (const int revision = revision_of(step.name); revision > 0)
      return fmt::format("revert the migrations instead: auterity migrate down --to {} -e {}",
                         revision - 1, environment);
  return fmt::format("see the schema: auterity migrate status -e {}", environment);
}

Async<Result<MigratePlan>> MigrateOperation::plan_with_statements() {
  AUTERITY_CO_TRY(migrations, data::load_migrations(target_.migrations));
  AUTERITY_CO_TRY(observed, co_await observe_schema(services_, target_));
  const int revision = observed.applied.empty() ? 0 : observed.applied.rbegin()->first;
  request_.restore_point =
      fmt::format("at-{:04}-{}", revision, compact_time(services_.clock.now()));
  co_return plan_migrate(target_.environment, request_, migrations, observed);
}

Async<Result<int>> MigrateOperation::revision() {
  AUTERITY_CO_TRY(observed, co_await observe_schema(services_, target_));
  co_return observed.applied.empty() ? 0 : observed.applied.rbegin()->first;
}

Result<data::Migration> MigrateOperation::find_migration(const std::string& name) {
  AUTERITY_TRY(migrations, data::load_migrations(target_.migrations));
  const auto found = std::ranges::find_if(
      migrations, [&](const data::Migration& migration) { return label(migration) == name; });
  if (found != migrations.end()) return *found;
  return fail(ErrorKind::not_found, fmt::format("{} has no migration {}", target_.migrations, name),
              "use the release that began the operation");
}

Result<std::unique_ptr<Step>> MigrateOperation::bind(const PlannedStep& step) {
  if (step.name == kCreateDatabaseStep) return make_create_database_step(services_, target_);
  if (step.name == kRestorePointStep)
    return make_restore_point_step(*restore_points_, request_.restore_point);
  if (step.name == kProofStep)
    return make_proof_step(services_, target_, *restore_points_, request_, options_);
  AUTERITY_TRY(migration, find_migration(step.name));
  return make_migration_step(services_, target_, request_, options_, std::move(migration));
}

}  // namespace auterity::operations
