#include "cli/migrate.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

#include "cli/confirmation.h"
#include "cli/migrate_session.h"
#include "cli/output.h"
#include "operations/migrate/lint/linter.h"
#include "operations/migrate/local_target.h"
#include "operations/migrate/new_migration.h"
#include "operations/migrate/validate.h"

namespace auterity::cli {
namespace {

using operations::MigrateDirection;

constexpr NumberRange kRevisions{0, 9999};
constexpr std::string_view kWhichDatabase =
    "The database is the environment's own on this machine, or the one that DATABASE_URL names.";

// What all of them are told about where to look.
class MigrateCommand : public Command {
 protected:
  void declare_folder(OptionSet& options) {
    options.text("--migrations", "FOLDER", migrations_,
                 "the files; without it those that belong to this program");
  }
  const std::optional<std::string>& migrations() const { return migrations_; }
  // not_ready, at once, when it is the environment's own and does not run.
  Result<operations::MigrateTarget> target_in(World& world, LocalSession& session) const {
    AUTERITY_TRY(target, migrate_target(world, session, migrations_));
    if (find_variable(world.environment, "DATABASE_URL") != nullptr) return target;
    AUTERITY_TRY(platform, operations::load_platform(session.context(), false));
    AUTERITY_CHECK(check_up(world, platform));
    return target;
  }

 private:
  std::optional<std::string> migrations_;
};

struct StatusRow {
  std::string name;
  std::string state;
  std::string applied_at;
  std::string applied_by;
};

std::string_view state_of(data::AppliedProblem problem) {
  switch (problem) {
    case data::AppliedProblem::none:
      return "applied";
    case data::AppliedProblem::changed:
      return "applied, file changed since";
    case data::AppliedProblem::unknown:
      return "applied, file missing";
    case data::AppliedProblem::newer:
      return "applied by a newer release";
  }
  return "";
}

std::vector<StatusRow> status_rows(const std::vector<data::Migration>& migrations,
                                   const data::AppliedMigrations& applied) {
  std::map<int, StatusRow> rows;
  for (const auto& migration : migrations)
    rows[migration.revision] = {label(migration), "pending", "", ""};
  for (const auto& [revision, row] : applied)
    rows[revision] = {label(row), std::string(state_of(data::judge(migrations, row))),
                      row.applied_at, row.applied_by};
  std::vector<StatusRow> list;
  for (auto& [revision, row] : rows) list.push_back(std::move(row));
  return list;
}

class StatusCommand final : public MigrateCommand {
 public:
  CommandFacts facts() const override {
    return {.name = "migrate status",
            .group = CommandGroup::data,
            .summary = "show which migrations are applied, when and by whom, and which are pending",
            .details = kWhichDatabase};
  }
  void declare(OptionSet& options) override { declare_folder(options); }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(target, target_in(world, *session));
    AUTERITY_CO_TRY(files, data::load_migrations(target.migrations));
    auto services = operations::migrate_services(session->context());
    AUTERITY_CO_TRY(observed, co_await operations::observe_schema(services, target));
    print(world, common, target, observed, status_rows(files, observed.applied));
    co_return kDone;
  }

 private:
  static void print(World& world, const CommonOptions& common,
                    const operations::MigrateTarget& target,
                    const operations::ObservedSchema& observed,
                    const std::vector<StatusRow>& rows) {
    const int revision = observed.applied.empty() ? 0 : observed.applied.rbegin()->first;
    JsonArray items;
    std::vector<std::vector<std::string>> cells;
    for (const StatusRow& row : rows) {
      items.push_back(JsonObject{{"migration", row.name},
                                 {"state", row.state},
                                 {"applied_at", row.applied_at},
                                 {"applied_by", row.applied_by}});
      cells.push_back({row.name, row.state, row.applied_at, row.applied_by});
    }
    if (common.json) {
      print_json(world, JsonObject{{"environment", target.environment},
                                   {"database", target.shown},
                                   {"exists", observed.database_exists},
                                   {"revision", revision},
                                   {"changes_by_hand", observed.drift.size()},
                                   {"items", std::move(items)}});
      return;
    }
    world.out << fmt::format("database {}: {}\n", target.shown,
                             observed.database_exists ? fmt::format("revision {}", revision)
                                                      : "does not exist")
              << table_text({"migration", "state", "applied", "by"}, cells);
    if (!observed.drift.empty())
      world.out << fmt::format("changed by hand: {} objects; see: auterity migrate validate\n",
                               observed.drift.size());
  }
};

class MoveCommand final : public MigrateCommand {
 public:
  explicit MoveCommand(MigrateDirection direction) : direction_(direction) {}

  CommandFacts facts() const override {
    return up()
               ? CommandFacts{.name = "migrate up",
                              .group = CommandGroup::data,
                              .summary = "apply pending migrations, after a verified restore point",
                              .details = kWhichDatabase}
               : CommandFacts{.name = "migrate down",
                              .group = CommandGroup::data,
                              .summary = "revert migrations, proven on a copy before",
                              .details =
                                  "Only migrations that declare a way back are reverted. "
                                  "What they had added is lost."};
  }
  void declare(OptionSet& options) override {
    options.number("--to", "REVISION", to_, kRevisions,
                   up() ? "the last one to apply; without it all" : "the one to go back to");
    options.flag("--plan", plan_, "print what would be done with every lock, and do nothing");
    options.flag("--accept-drift", accept_drift_, "go on though the schema was changed by hand");
    declare_folder(options);
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    if (!up() && !to_)
      co_return fail(ErrorKind::invalid_input, "migrate down needs to know how far",
                     "give --to REVISION; auterity migrate status shows them");
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(target, target_in(world, *session));
    const std::string shown = target.shown;
    operations::MigrateRequest request{
        .direction = direction_, .to = {}, .accept_drift = accept_drift_, .restore_point = {}};
    if (to_) request.to = static_cast<int>(*to_);
    const auto operation = make_migrate_operation(*session, std::move(target), request);
    if (plan_) {
      AUTERITY_CO_CHECK(session->runner().check_startable(*operation));
      AUTERITY_CO_TRY(plan, co_await operation->plan_with_statements());
      if (common.json)
        print_json(world, Json(operations::to_json(plan)));
      else
        world.out << operations::to_text(plan);
      co_return kDone;
    }
    AUTERITY_CO_CHECK(
        confirm(world, common, session->is_production(),
                fmt::format("{} the schema of {}", up() ? "migrate" : "revert", shown)));
    AUTERITY_CO_TRY(result, co_await session->runner().start(*operation));
    print_outcome(world, common, result, {{"environment", common.environment}, {"database", shown}},
                  fmt::format("{}: {}\n", shown,
                              result.id.empty() ? "nothing to do"
                              : up()            ? "is migrated"
                                                : "is reverted"));
    co_return kDone;
  }

  std::string interruption_hint() const override {
    return "go on with it: auterity operations resume latest; a migration is applied as a whole or "
           "not at all";
  }

 private:
  bool up() const { return direction_ == MigrateDirection::up; }

  MigrateDirection direction_;
  std::optional<std::int64_t> to_;
  bool plan_ = false;
  bool accept_drift_ = false;
};

class ValidateCommand final : public MigrateCommand {
 public:
  CommandFacts facts() const override {
    return {.name = "migrate validate",
            .group = CommandGroup::data,
            .summary = "compare the database with what it should be; repairs nothing",
            .details = kWhichDatabase};
  }
  void declare(OptionSet& options) override { declare_folder(options); }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(target, target_in(world, *session));
    auto services = operations::migrate_services(session->context());
    const auto invariants = make_engine_invariants(world, target);
    AUTERITY_CO_TRY(checks,
                    co_await operations::validate_schema(services, target, invariants.get()));
    const auto verdict = operations::worst(checks);
    JsonArray documents;
    std::vector<std::vector<std::string>> rows;
    for (const auto& check : checks) {
      documents.push_back(operations::to_json(check));
      rows.push_back({check.id, std::string(name_of(check.verdict)), check.evidence, check.hint});
    }
    if (common.json)
      print_json(world, JsonObject{{"verdict", name_of(verdict)},
                                   {"database", target.shown},
                                   {"checks", std::move(documents)}});
    else
      world.out << table_text({"check", "verdict", "evidence", "hint"}, rows);
    co_return verdict == operations::Verdict::fail ? kFailed : kDone;
  }
};

class LintCommand final : public MigrateCommand {
 public:
  CommandFacts facts() const override {
    return {.name = "migrate lint",
            .group = CommandGroup::data,
            .summary = "say which statements of migrations would hurt a running platform",
            .details =
                "A statement is passed over with `-- auterity: ignore RULE: REASON` before "
                "it. With --sizes the environment's database tells which tables are small."};
  }
  void declare(OptionSet& options) override {
    options.flag("--sizes", sizes_, "ask the environment's database how large its tables are");
    options.number("--since", "REVISION", since_, kRevisions, "only the migrations after this one");
    declare_folder(options);
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(folder, operations::migrations_folder(session->context(), migrations()));
    AUTERITY_CO_TRY(files, data::load_migrations(folder));
    std::optional<operations::lint::TableSizes> sizes;
    if (sizes_) {
      AUTERITY_CO_TRY(target, target_in(world, *session));
      auto services = operations::migrate_services(session->context());
      AUTERITY_CO_TRY(observed, co_await operations::observe_schema(services, target));
      sizes = std::move(observed.sizes);
    }
    JsonArray documents;
    std::string text;
    for (const auto& migration : files) {
      if (migration.revision <= since_.value_or(0)) continue;
      for (const auto& finding : operations::lint::lint(migration, sizes)) {
        documents.push_back(operations::lint::to_json(finding));
        text += operations::lint::to_text(finding);
      }
    }
    const bool clean = documents.empty();
    if (common.json)
      print_json(world, JsonObject{{"findings", std::move(documents)}});
    else
      world.out << (clean ? "no findings\n" : text);
    co_return clean ? kDone : kFailed;
  }

 private:
  bool sizes_ = false;
  std::optional<std::int64_t> since_;
};

class NewCommand final : public MigrateCommand {
 public:
  CommandFacts facts() const override {
    return {.name = "migrate new",
            .group = CommandGroup::data,
            .summary = "write the two files of the next migration, with advice in comments",
            .details = ""};
  }
  void declare(OptionSet& options) override {
    options.required_argument("NAME", name_, "such as add_user_titles");
    declare_folder(options);
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(folder, operations::migrations_folder(session->context(), migrations()));
    AUTERITY_CO_TRY(made, operations::make_migration(world.files, folder, name_));
    if (common.json)
      print_json(world,
                 JsonObject{{"revision", made.revision}, {"up", made.up}, {"down", made.down}});
    else
      world.out << made.up << "\n" << made.down << "\n";
    co_return kDone;
  }

 private:
  std::string name_;
};

}  // namespace

CommandPtr make_migrate_status_command() { return std::make_unique<StatusCommand>(); }
CommandPtr make_migrate_up_command() { return std::make_unique<MoveCommand>(MigrateDirection::up); }
CommandPtr make_migrate_down_command() {
  return std::make_unique<MoveCommand>(MigrateDirection::down);
}
CommandPtr make_migrate_validate_command() { return std::make_unique<ValidateCommand>(); }
CommandPtr make_migrate_lint_command() { return std::make_unique<LintCommand>(); }
CommandPtr make_migrate_new_command() { return std::make_unique<NewCommand>(); }

}  // namespace auterity::cli
