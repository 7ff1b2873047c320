#include "cli/backup_session.h"

#include "cli/migrate_session.h"
#include "cli/secrets_invariants.h"

namespace auterity::cli {
namespace {

using operations::backup::VerifyOperation;

Result<std::unique_ptr<VerifyOperation>> make_verify(World& world, LocalSession& session,
                                                     operations::backup::VerifyRequest request) {
  AUTERITY_TRY(environment, session.environment_file());
  AUTERITY_TRY(platform, operations::load_platform(session.context(), true));
  const std::string secrets_key = platform.credentials.secrets_key;
  return VerifyOperation::make(
      session.context(), environment, std::move(request),
      [&world, secrets_key](const operations::MigrateTarget& target) {
        std::vector<operations::backup::NamedInvariants> invariants;
        invariants.push_back({"executions", make_engine_invariants(world, target)});
        invariants.push_back({"secrets", make_secrets_invariants(world, target, secrets_key)});
        return invariants;
      });
}

}  // namespace

using operations::backup::BackupOperation;
using operations::backup::BackupPruneOperation;

Result<std::unique_ptr<BackupOperation>> make_backup_operation(
    LocalSession& session, operations::backup::BackupRequest request) {
  AUTERITY_TRY(environment, session.environment_file());
  return BackupOperation::make(
      session.context(), environment, request,
      [&session](std::string_view line) { session.observer().note(line); });
}

Result<std::unique_ptr<BackupPruneOperation>> make_backup_prune_operation(
    LocalSession& session, operations::backup::PruneRequest request) {
  AUTERITY_TRY(environment, session.environment_file());
  return BackupPruneOperation::make(session.context(), environment, request);
}

Async<Result<std::unique_ptr<VerifyOperation>>> make_verify_operation(World& world,
                                                                      LocalSession& session,
                                                                      std::string backup) {
  AUTERITY_CO_TRY(environment, session.environment_file());
  AUTERITY_CO_TRY(storage, operations::backup::BackupStorage::open(session.context(), environment));
  AUTERITY_CO_TRY(entry, co_await storage->catalogue().find(std::move(backup)));
  co_return make_verify(world, session,
                        {entry.manifest ? auterity::to_text(entry.manifest->id) : entry.name.stamp,
                         world.clock.now()});
}

void add_backup_kinds(World& world, LocalSession& session, operations::OperationKinds& kinds) {
  for (const std::string_view kind : {BackupOperation::kDatabase, BackupOperation::kData,
                                      BackupOperation::kAll, BackupOperation::kLogical})
    kinds.emplace(
        kind,
        [&session](const JsonObject& request) -> Result<std::unique_ptr<operations::Operation>> {
          AUTERITY_TRY(parsed, BackupOperation::parse_request(request));
          return make_backup_operation(session, parsed);
        });
  kinds.emplace(VerifyOperation::kKind,
                [&world, &session](
                    const JsonObject& request) -> Result<std::unique_ptr<operations::Operation>> {
                  AUTERITY_TRY(parsed, VerifyOperation::parse_request(request));
                  return make_verify(world, session, std::move(parsed));
                });
  kinds.emplace(
      BackupPruneOperation::kKind,
      [&session](const JsonObject& request) -> Result<std::unique_ptr<operations::Operation>> {
        return make_backup_prune_operation(session, BackupPruneOperation::parse_request(request));
      });
}

}  // namespace auterity::cli
