// `auterity backup verify` and `auterity backup prune`.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <ostream>

#include "cli/backup.h"
#include "cli/backup_session.h"
#include "cli/confirmation.h"
#include "cli/output.h"

namespace auterity::cli {
namespace {

using operations::backup::PrunePlan;

// What stays and why, and what could not be read.
std::string kept_text(const PrunePlan& plan) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& kept : plan.retention.kept)
    rows.push_back({auterity::to_text(kept.id), fmt::format("{}", fmt::join(kept.reasons, "; "))});
  std::string text = rows.empty() ? "" : table_text({"stays", "because"}, rows);
  for (const std::string& line : plan.unreadable)
    text += fmt::format("stays, since it cannot be read: {}\n", printable(line));
  return text;
}

std::string removed_text(const PrunePlan& plan) {
  return fmt::format("{} backups and {} objects of the log",
                     plan.removed.size() + plan.leftovers.size(), plan.log_keys.size());
}

JsonObject kept_json(const PrunePlan& plan) {
  JsonArray kept;
  for (const auto& backup : plan.retention.kept) {
    JsonArray reasons;
    for (const std::string& reason : backup.reasons) reasons.push_back(Json(reason));
    kept.push_back(
        JsonObject{{"id", auterity::to_text(backup.id)}, {"reasons", std::move(reasons)}});
  }
  JsonArray unreadable;
  for (const std::string& line : plan.unreadable) unreadable.push_back(Json(line));
  return {{"kept", std::move(kept)}, {"unreadable", std::move(unreadable)}};
}

class PruneCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "backup prune",
            .group = CommandGroup::data,
            .summary = "remove the backups that retention no longer keeps",
            .details =
                "The environment file says how many days, weeks and months keep one\n"
                "(backup.retention, backup.keep_minimum). The last proven backup stays\n"
                "whatever it says, and so does what another one needs."};
  }

  void declare(OptionSet& options) override {
    options.flag("--plan", plan_, "print what would be done and what stays, and do nothing");
    options.flag("--allow-removing-most", allow_removing_most_,
                 "go on though more than half of the backups would be removed");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(operation, make_backup_prune_operation(*session, {allow_removing_most_}));
    AUTERITY_CO_TRY(prune, co_await operation->look());
    const auto plan = operations::backup::steps_of(prune, common.environment);
    if (plan_) {
      show_plan(world, common, plan, prune);
      co_return kDone;
    }
    AUTERITY_CO_CHECK(
        confirm(world, common, session->is_production() && !plan.steps.empty(),
                fmt::format("remove {} of {}", removed_text(prune), common.environment)));
    AUTERITY_CO_TRY(result, co_await session->runner().start(*operation));
    JsonObject facts = kept_json(prune);
    facts["removed"] = prune.removed.size() + prune.leftovers.size();
    facts["removed_log_objects"] = prune.log_keys.size();
    print_outcome(world, common, result, std::move(facts),
                  result.id.empty() ? std::string("nothing to remove\n")
                                    : fmt::format("{} removed\n", removed_text(prune)));
    co_return kDone;
  }

  std::string interruption_hint() const override { return operation_interruption_hint(); }

 private:
  static void show_plan(World& world, const CommonOptions& common, const operations::Plan& plan,
                        const PrunePlan& prune) {
    if (common.json) {
      JsonObject document = operations::to_json(plan);
      for (auto& member : kept_json(prune)) document[member.key()] = member.value();
      print_json(world, Json(std::move(document)));
      return;
    }
    world.out << operations::to_text(plan) << kept_text(prune);
  }

  bool plan_ = false;
  bool allow_removing_most_ = false;
};

class VerifyCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "backup verify",
            .group = CommandGroup::data,
            .summary = "restore a backup beside the platform, boot it and compare it",
            .details =
                "ID may be shortened to its last digits; without it, the newest one. The\n"
                "copy runs at the lowest priority, is asked over a unix socket alone, and\n"
                "is gone afterwards. The outcome is kept beside the backup."};
  }

  void declare(OptionSet& options) override {
    options.optional_argument("ID", id_, "of the backup");
    options.flag("--plan", plan_, "print what would be done, and do nothing");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(operation,
                    co_await make_verify_operation(world, *session, id_.value_or("latest")));
    if (plan_) {
      AUTERITY_CO_TRY(plan, co_await operation->plan());
      print_plan(world, common, plan);
      co_return kDone;
    }
    AUTERITY_CO_TRY(result, co_await session->runner().start(*operation));
    auto& catalogue = operation->storage().catalogue();
    const auto request = operation->request();
    AUTERITY_CO_TRY(entry,
                    co_await catalogue.find(std::string(string_or(request.if_contains("id"), ""))));
    std::vector<std::vector<std::string>> rows;
    for (const auto& check : entry.verification->checks)
      rows.push_back({check.id, check.verdict, check.evidence});
    print_outcome(world, common, result, {{"backup", catalogue.detail(entry)}},
                  table_text({"check", "verdict", "evidence"}, rows) +
                      fmt::format("backup {} is proven: restored in {:.1f} s\n",
                                  auterity::to_text(entry.manifest->id),
                                  static_cast<double>(entry.verification->restore_ms) / 1000));
    co_return kDone;
  }

  std::string interruption_hint() const override { return operation_interruption_hint(); }

 private:
  std::optional<std::string> id_;
  bool plan_ = false;
};

}  // namespace

CommandPtr make_backup_verify_command() { return std::make_unique<VerifyCommand>(); }
CommandPtr make_backup_prune_command() { return std::make_unique<PruneCommand>(); }

}  // namespace auterity::cli
