#include "operations/up/up_database_steps.h"

#include <fmt/format.h>

#include "data/database.h"
#include "data/migrations.h"
#include "data/with_database.h"
#include "operations/kept_step.h"
#include "operations/migrate/local_target.h"
#include "operations/migrate/logical_restore_points.h"
#include "operations/migrate/operation.h"
#include "operations/operator_database.h"
#include "operations/process_call.h"
#include "operations/release/release_program.h"
#include "targets/local/database_setup.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kInitialise = "/usr/lib/postgresql/15/bin/initdb";

class ClusterStep final : public KeptStep {
 public:
  ClusterStep(LocalContext& context, const local::Platform& platform)
      : context_(context), platform_(platform) {}

  // As root: only the folder's owner sees into it, but root does.
  Async<Result<Observation>> observe() override {
    const auto folder = platform_.layout.postgres();
    const bool there = context_.files.exists(folder / "PG_VERSION");
    co_return Observation{there,
                          folder.string() + (there ? " is initialised" : " is not initialised")};
  }

  // Made beside and moved into place, so that one cut short is never taken for a database.
  Async<Status> apply() override {
    const auto fresh = platform_.layout.state() / ".postgres.new";
    AUTERITY_CO_CHECK(context_.files.remove_tree(fresh));
    AUTERITY_CO_CHECK(
        co_await call(context_.processes, {"install", "-d", "-m", "0700", fresh.string()}));
    if (platform_.drops_privileges)
      AUTERITY_CO_CHECK(co_await call(context_.processes,
                                      {"chown", platform_.service_user + ":", fresh.string()}));
    ProcessRequest request;
    request.arguments = {std::string(kInitialise),
                         "-D",
                         fresh.string(),
                         "-U",
                         "postgres",
                         "--data-checksums",
                         "--auth-local=peer",
                         "--auth-host=scram-sha-256",
                         "--encoding=UTF8",
                         "--locale=C.UTF-8"};
    request.environment = {{"LC_ALL", "C.UTF-8"}};
    request.working_directory = "/";
    if (platform_.drops_privileges) request.run_as = platform_.service_user;
    request.timeout = std::chrono::minutes(5);
    AUTERITY_CO_CHECK(co_await call(context_.processes, std::move(request)));
    co_return co_await call(context_.processes,
                            {"mv", "-T", fresh.string(), platform_.layout.postgres().string()});
  }

 private:
  LocalContext& context_;
  const local::Platform& platform_;
};

std::unique_ptr<data::Database> open(LocalContext& context, std::string url) {
  return open_operator_database(context.executor, context.clock, context.log, std::move(url),
                                "auterity-up");
}

// Where nothing listens, a pool would try again and again; and a killed server leaves its socket.
Async<Result<bool>> server_runs(LocalContext& context, const local::Platform& platform) {
  auto supervisor = supervisor_of(context, platform);
  AUTERITY_CO_TRY(state, co_await supervisor.state("postgres"));
  co_return state.up&& state.ready;
}

class DatabaseStep final : public KeptStep {
 public:
  DatabaseStep(LocalContext& context, const local::Platform& platform)
      : context_(context), platform_(platform) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(runs, co_await server_runs(context_, platform_));
    if (!runs) co_return Observation{false, "PostgreSQL does not run"};
    AUTERITY_CO_TRY(there, co_await data::with_database(
                               open(context_, platform_.maintenance_database_url("postgres")),
                               local::database_is_set_up));
    if (!there) co_return Observation{false, "role or database auterity is missing"};
    AUTERITY_CO_TRY(extended, co_await data::with_database(
                                  open(context_, platform_.maintenance_database_url("auterity")),
                                  local::extensions_are_set_up));
    co_return Observation{extended, extended ? "role and database auterity are there"
                                             : "pg_stat_statements is missing"};
  }

  Async<Status> apply() override {
    AUTERITY_CO_CHECK(co_await data::with_database(
        open(context_, platform_.maintenance_database_url("postgres")),
        [this](data::Database& server) {
          return local::set_up_database(server, context_.random,
                                        platform_.credentials.database_password);
        }));
    co_return co_await data::with_database(
        open(context_, platform_.maintenance_database_url("auterity")), local::set_up_extensions);
  }

 private:
  LocalContext& context_;
  const local::Platform& platform_;
};

// What is missing is planned and applied as `migrate up` does it, restore point included. A schema
// that lacks nothing keeps nobody from starting, whatever was changed in it by hand.
class SchemaStep final : public KeptStep {
 public:
  SchemaStep(LocalContext& context, const local::Platform& platform)
      : context_(context), platform_(platform) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(runs, co_await server_runs(context_, platform_));
    if (!runs) co_return Observation{false, "PostgreSQL does not run"};
    AUTERITY_CO_TRY(wanted, data::load_migrations(migrations()));
    AUTERITY_CO_TRY(applied,
                    co_await data::with_database(
                        open(context_, platform_.service_database_url()),
                        [](data::Database& database) { return data::applied_revision(database); }));
    const int newest = wanted.empty() ? 0 : wanted.back().revision;
    co_return Observation{applied >= newest,
                          fmt::format("schema revision {} of {}", applied, newest)};
  }

  Async<Status> apply() override {
    MigrateTarget target{.environment = platform_.layout.environment,
                         .url = platform_.service_database_url(),
                         .admin_url = platform_.maintenance_database_url("postgres"),
                         .migrations = migrations(),
                         .restore_points = restore_points_folder(context_).string()};
    AUTERITY_CO_CHECK(complete(target));
    const MigrateServices services = migrate_services(context_);
    auto restore_points = std::make_shared<LogicalRestorePoints>(services, target);
    MigrateOperation operation(services, target, std::move(restore_points), {}, {});
    AUTERITY_CO_TRY(plan, co_await operation.plan());
    for (const PlannedStep& planned : plan.steps) {
      AUTERITY_CO_TRY(step, operation.bind(planned));
      AUTERITY_CO_CHECK(co_await step->apply());
      AUTERITY_CO_TRY(seen, co_await step->observe());
      if (!seen.holds) co_return fail(ErrorKind::failed, planned.name + ": " + seen.evidence);
    }
    co_return Status{};
  }

 private:
  std::string migrations() const {
    return (platform_.release(platform_.pool()) / "migrations").string();
  }

  LocalContext& context_;
  const local::Platform& platform_;
};

// Accounts are the API's business: its own program is asked, as an operator would.
class AdministratorStep final : public KeptStep {
 public:
  AdministratorStep(LocalContext& context, const local::Platform& platform)
      : context_(context), platform_(platform) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(runs, co_await server_runs(context_, platform_));
    if (!runs) co_return Observation{false, "PostgreSQL does not run"};
    AUTERITY_CO_TRY(users, co_await call(context_.processes, program_in_use(platform_).command(
                                                                 {"user", "list", "--json"})));
    const std::string& email = platform_.credentials.email;
    const bool there = users.find("\"" + email + "\"") != std::string::npos;
    co_return Observation{there, there ? email + " can sign in" : email + " has no account"};
  }

  Async<Status> apply() override {
    ProcessRequest request = program_in_use(platform_).command(
        {"user", "add", platform_.credentials.email, "--role", "admin"});
    request.input = platform_.credentials.password + "\n";
    AUTERITY_CO_CHECK(co_await call(context_.processes, std::move(request)));
    co_return Status{};
  }

 private:
  LocalContext& context_;
  const local::Platform& platform_;
};

}  // namespace

std::unique_ptr<Step> make_database_step(LocalContext& context, const local::Platform& platform,
                                         const std::string& name) {
  if (name == "postgres-cluster") return std::make_unique<ClusterStep>(context, platform);
  if (name == "database") return std::make_unique<DatabaseStep>(context, platform);
  if (name == "schema") return std::make_unique<SchemaStep>(context, platform);
  if (name == "administrator") return std::make_unique<AdministratorStep>(context, platform);
  return nullptr;
}

}  // namespace auterity::operations
