#include "cli/recover_session.h"

#include <boost/asio/thread_pool.hpp>

#include "core/finally.h"
#include "data/database.h"
#include "engine/store/interrupted_executions.h"

namespace auterity::cli {
namespace {

using operations::RecoverOperation;

class EnginesInterruptedWork final : public operations::InterruptedWork {
 public:
  EnginesInterruptedWork(World& world, const local::Platform& platform)
      : world_(world), platform_(platform) {}

  Async<Result<std::vector<operations::InterruptedExecution>>> find() override {
    boost::asio::thread_pool threads(1);
    const auto objects =
        data::open_folder_object_store(platform_.layout.objects().string(), threads.get_executor());
    const auto database =
        data::open_database(world_.executor, world_.clock, world_.log,
                            {.url = platform_.maintenance_database_url("auterity"),
                             .application_name = "auterity-recover",
                             .max_connections = 1});
    AUTERITY_CO_TRY(
        found, co_await finally(engine::find_interrupted(*database, *objects), database->close()));
    std::vector<operations::InterruptedExecution> executions;
    for (engine::InterruptedExecution& one : found)
      executions.push_back({.id = to_text(one.id),
                            .workflow = std::move(one.workflow),
                            .status = std::move(one.status),
                            .wakes_by = std::move(one.wakes_by),
                            .last_event = one.last_event,
                            .due = one.due,
                            .goes_on_at = std::move(one.goes_on_at),
                            .damage = std::move(one.damage)});
    co_return executions;
  }

 private:
  World& world_;
  const local::Platform& platform_;
};

Result<operations::RecoverServices> services_of(World& world, LocalSession& session,
                                                const std::string& source) {
  AUTERITY_TRY(source_environment, session.environment_file(source));
  auto own = session.environment_file();
  if (!own && own.error().kind != ErrorKind::not_found)
    return std::unexpected(std::move(own).error());
  operations::EnvironmentFile environment = own ? std::move(*own) : source_environment;
  return operations::RecoverServices{
      .context = session.context(),
      .environment = std::move(environment),
      .source = source,
      .source_environment = std::move(source_environment),
      .make_interrupted_work = [&world](const local::Platform& platform) {
        return std::make_unique<EnginesInterruptedWork>(world, platform);
      }};
}

}  // namespace

Result<std::unique_ptr<RecoverOperation>> make_recover_operation(World& world,
                                                                 LocalSession& session,
                                                                 const std::string& source,
                                                                 operations::RecoveryWish wish) {
  AUTERITY_TRY(services, services_of(world, session, source));
  return RecoverOperation::make(std::move(services), std::move(wish));
}

void add_recover_kind(World& world, LocalSession& session, operations::OperationKinds& kinds) {
  kinds.emplace(RecoverOperation::kKind,
                [&world, &session](
                    const JsonObject& request) -> Result<std::unique_ptr<operations::Operation>> {
                  AUTERITY_TRY(parsed, operations::parse_recover_request(request));
                  AUTERITY_TRY(services, services_of(world, session, parsed.source));
                  return RecoverOperation::make(std::move(services), std::move(parsed));
                });
}

}  // namespace auterity::cli
