// `auterity backup database`, `data` and `all`.
#include <fmt/format.h>

#include <ostream>

#include "cli/backup.h"
#include "cli/backup_session.h"
#include "cli/confirmation.h"
#include "cli/output.h"
#include "core/counted.h"

namespace auterity::cli {
namespace {

using operations::backup::BackupKind;
using operations::backup::BackupRequest;

std::string text_of(const operations::backup::CatalogueEntry& entry, const std::string& location) {
  const auto& manifest = *entry.manifest;
  return fmt::format("{} backup {} of {}: {} as {} in {}\nit is {}\n", name_of(manifest.kind),
                     auterity::to_text(manifest.id), manifest.environment,
                     size_text(manifest.size()), size_text(manifest.stored_size()), location,
                     entry.is_proven()
                         ? "proven: restored and compared"
                         : "unproven: auterity backup verify restores and compares it");
}

class TakeCommand final : public Command {
 public:
  TakeCommand(BackupKind kind, CommandFacts facts) : kind_(kind), facts_(facts) {}

  CommandFacts facts() const override { return facts_; }

  void declare(OptionSet& options) override {
    options.flag("--no-verify", no_verify_, "leave the backup unproven for now");
    if (kind_ == BackupKind::database)
      options.flag("--logical", logical_,
                   "a dump that a server of another version can take in, with the roles");
    options.flag("--plan", plan_, "print what would be done, and do nothing");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    const auto request =
        BackupRequest::draw(logical_ ? BackupKind::logical : kind_, world.clock, world.random);
    AUTERITY_CO_TRY(operation, make_backup_operation(*session, request));
    if (plan_) {
      AUTERITY_CO_TRY(plan, co_await operation->plan());
      if (!no_verify_)
        plan.steps.push_back(
            operations::backup::VerifyOperation::planned_proof(auterity::to_text(request.id)));
      print_plan(world, common, plan);
      co_return kDone;
    }
    AUTERITY_CO_TRY(result, co_await session->runner().start(*operation));
    Status verified;
    if (!no_verify_) verified = co_await verify(world, *session, auterity::to_text(request.id));
    auto& catalogue = operation->storage().catalogue();
    AUTERITY_CO_TRY(entry, co_await catalogue.find(auterity::to_text(request.id)));
    print_outcome(world, common, result, {{"backup", catalogue.to_json(entry)}},
                  text_of(entry, catalogue.location()));
    AUTERITY_CO_CHECK(verified);
    co_return kDone;
  }

  std::string interruption_hint() const override { return operation_interruption_hint(); }

 private:
  // An operation of its own: when it fails, the backup stays.
  static Async<Status> verify(World& world, LocalSession& session, std::string id) {
    AUTERITY_CO_TRY(operation, co_await make_verify_operation(world, session, std::move(id)));
    AUTERITY_CO_CHECK(co_await session.runner().start(*operation));
    co_return Status{};
  }

  BackupKind kind_;
  CommandFacts facts_;
  bool logical_ = false;
  bool no_verify_ = false;
  bool plan_ = false;
};

}  // namespace

CommandPtr make_backup_database_command() {
  return std::make_unique<TakeCommand>(
      BackupKind::database,
      CommandFacts{.name = "backup database",
                   .group = CommandGroup::data,
                   .summary = "take a base backup of the database while it runs",
                   .details =
                       "Streamed, compressed by the server, sealed with the backup key, never a\n"
                       "whole copy on this machine's disk. What makes it count is written last.\n"
                       "Afterwards it is restored beside the platform, booted and compared.\n"
                       "With --logical a dump is taken instead: it is for moving to another\n"
                       "version of PostgreSQL, and cannot be recovered to a moment."});
}

CommandPtr make_backup_data_command() {
  return std::make_unique<TakeCommand>(
      BackupKind::data,
      CommandFacts{.name = "backup data",
                   .group = CommandGroup::data,
                   .summary = "take uploads, configuration and the logs of seven days",
                   .details = "Uploads are stored once for each version of theirs, however many\n"
                              "backups hold them. Credentials are sealed like everything else."});
}

CommandPtr make_backup_all_command() {
  return std::make_unique<TakeCommand>(
      BackupKind::all,
      CommandFacts{.name = "backup all",
                   .group = CommandGroup::data,
                   .summary = "take database, uploads and configuration of one instant",
                   .details = "No row of the database refers to a file that the backup lacks:\n"
                              "while it is taken, the platform removes no bytes of files."});
}

}  // namespace auterity::cli
