#include "cli/migrate_session.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <map>

#include "core/uuid.h"
#include "data/with_database.h"
#include "engine/store/wake_reason_checker.h"
#include "operations/migrate/local_target.h"
#include "operations/migrate/logical_restore_points.h"

namespace auterity::cli {
namespace {

using operations::MigrateDirection;
using operations::MigrateOperation;

constexpr std::size_t kExamples = 3;

class EngineInvariants final : public operations::PlatformInvariants {
 public:
  EngineInvariants(World& world, const operations::MigrateTarget& target)
      : world_(world), target_(target) {}

  Async<Result<std::vector<operations::InvariantViolation>>> check() override {
    auto services = operations::MigrateServices{world_.executor, world_.clock, world_.log,
                                                world_.files, world_.processes};
    AUTERITY_CO_TRY(faults, co_await data::with_database(operations::open_target(services, target_),
                                                         [this](data::Database& database) {
                                                           return engine::WakeReasonChecker::find(
                                                               database, world_.clock);
                                                         }));
    co_return grouped(faults);
  }

 private:
  static std::vector<operations::InvariantViolation> grouped(
      const std::vector<engine::WakeRepair>& faults) {
    std::map<std::string, std::vector<std::string>> by_fault;
    for (const auto& fault : faults)
      by_fault[std::string(engine::to_text(fault.fault))].push_back(to_text(fault.id));
    std::vector<operations::InvariantViolation> violations;
    for (auto& [fault, ids] : by_fault) {
      const std::size_t count = ids.size();
      if (count > kExamples) ids.resize(kExamples);
      violations.push_back(
          {"executions-" + fault,
           fmt::format("{}{} executions, such as {}", count, count >= 1000 ? " or more" : "",
                       fmt::join(ids, ", ")),
           "nothing, or the wrong thing, would wake them",
           "a running worker repairs them within a minute; when it does not, see its log"});
    }
    return violations;
  }

  World& world_;
  const operations::MigrateTarget& target_;
};

Result<std::unique_ptr<operations::Operation>> continued(World& world, LocalSession& session,
                                                         MigrateDirection direction,
                                                         const JsonObject& request) {
  const std::string folder(string_or(request.if_contains("migrations"), ""));
  const std::string database(string_or(request.if_contains("database"), ""));
  AUTERITY_TRY(target, migrate_target(world, session, folder));
  if (target.shown != database)
    return fail(ErrorKind::conflict,
                fmt::format("the operation is about database {}, not {}", database, target.shown),
                "set DATABASE_URL as it was when the operation was started, or unset it");
  return make_migrate_operation(session, std::move(target),
                                MigrateOperation::parse_request(direction, request));
}

}  // namespace

Result<operations::MigrateTarget> migrate_target(World& world, LocalSession& session,
                                                 const std::optional<std::string>& migrations) {
  std::optional<std::string> url;
  if (const std::string* given = find_variable(world.environment, "DATABASE_URL")) url = *given;
  return operations::local_migrate_target(session.context(), url, migrations);
}

std::unique_ptr<MigrateOperation> make_migrate_operation(LocalSession& session,
                                                         operations::MigrateTarget target,
                                                         operations::MigrateRequest request) {
  const auto services = operations::migrate_services(session.context());
  auto restore_points = std::make_shared<operations::LogicalRestorePoints>(services, target);
  return std::make_unique<MigrateOperation>(services, std::move(target), std::move(restore_points),
                                            std::move(request), migrator_options(session));
}

data::MigratorOptions migrator_options(LocalSession& session) {
  data::MigratorOptions options;
  options.who = session.who();
  options.on_note = [&session](std::string_view line) { session.observer().note(line); };
  return options;
}

void add_migrate_kinds(World& world, LocalSession& session, operations::OperationKinds& kinds) {
  for (const auto direction : {MigrateDirection::up, MigrateDirection::down})
    kinds.emplace(
        direction == MigrateDirection::up ? MigrateOperation::kUp : MigrateOperation::kDown,
        [&world, &session, direction](const JsonObject& request) {
          return continued(world, session, direction, request);
        });
}

std::unique_ptr<operations::PlatformInvariants> make_engine_invariants(
    World& world, const operations::MigrateTarget& target) {
  return std::make_unique<EngineInvariants>(world, target);
}

}  // namespace auterity::cli
