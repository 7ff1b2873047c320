#include "operations/up_database_steps.h"

#include <fmt/format.h>

#include "data/database.h"
#include "data/migrations.h"
#include "operations/kept_step.h"
#include "operations/process_call.h"
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
  data::DatabaseOptions options;
  options.url = std::move(url);
  options.application_name = "auterity-up";
  options.max_connections = 2;
  options.connect_timeout = std::chrono::seconds(3);
  options.acquire_timeout = std::chrono::seconds(5);
  return data::open_database(context.executor, context.clock, context.log, std::move(options));
}

// Nothing listens: a pool would try again and again.
bool server_is_there(LocalContext& context, const local::Platform& platform) {
  return context.files.exists(platform.postgres_socket());
}

class DatabaseStep final : public KeptStep {
 public:
  DatabaseStep(LocalContext& context, const local::Platform& platform)
      : context_(context), platform_(platform) {}

  Async<Result<Observation>> observe() override {
    if (!server_is_there(context_, platform_))
      co_return Observation{false, "PostgreSQL does not run"};
    const auto server = open(context_, platform_.maintenance_database_url("postgres"));
    AUTERITY_CO_TRY(there, co_await local::database_is_set_up(*server));
    co_await server->close();
    if (!there) co_return Observation{false, "role or database auterity is missing"};
    const auto database = open(context_, platform_.maintenance_database_url("auterity"));
    AUTERITY_CO_TRY(extended, co_await local::extensions_are_set_up(*database));
    co_await database->close();
    co_return Observation{extended, extended ? "role and database auterity are there"
                                             : "pg_stat_statements is missing"};
  }

  Async<Status> apply() override {
    const auto server = open(context_, platform_.maintenance_database_url("postgres"));
    AUTERITY_CO_CHECK(co_await local::set_up_database(*server, context_.random,
                                                      platform_.credentials.database_password));
    co_await server->close();
    const auto database = open(context_, platform_.maintenance_database_url("auterity"));
    AUTERITY_CO_CHECK(co_await local::set_up_extensions(*database));
    co_await database->close();
    co_return Status{};
  }

 private:
  LocalContext& context_;
  const local::Platform& platform_;
};

class SchemaStep final : public KeptStep {
 public:
  SchemaStep(LocalContext& context, const local::Platform& platform)
      : context_(context), platform_(platform) {}

  Async<Result<Observation>> observe() override {
    if (!server_is_there(context_, platform_))
      co_return Observation{false, "PostgreSQL does not run"};
    AUTERITY_CO_TRY(wanted, data::load_migrations(
                                (platform_.release(platform_.pool()) / "migrations").string()));
    const auto database = open(context_, platform_.service_database_url());
    AUTERITY_CO_TRY(applied, co_await data::applied_revision(*database));
    co_await database->close();
    const int newest = wanted.empty() ? 0 : wanted.back().revision;
    co_return Observation{applied >= newest,
                          fmt::format("schema revision {} of {}", applied, newest)};
  }

  Async<Status> apply() override {
    AUTERITY_CO_TRY(wanted, data::load_migrations(
                                (platform_.release(platform_.pool()) / "migrations").string()));
    const auto database = open(context_, platform_.service_database_url());
    AUTERITY_CO_CHECK(co_await data::migrate_up(*database, context_.clock, std::move(wanted)));
    co_await database->close();
    co_return Status{};
  }

 private:
  LocalContext& context_;
  const local::Platform& platform_;
};

// Accounts are the API's business: its own program is asked, as an operator would.
class AdministratorStep final : public KeptStep {
 public:
  AdministratorStep(LocalContext& context, const local::Platform& platform)
      : context_(context), platform_(platform) {}

  Async<Result<Observation>> observe() override {
    if (!server_is_there(context_, platform_))
      co_return Observation{false, "PostgreSQL does not run"};
    AUTERITY_CO_TRY(users, co_await call(context_.processes, program({"user", "list", "--json"})));
    const std::string& email = platform_.credentials.email;
    const bool there = users.find("\"" + email + "\"") != std::string::npos;
    co_return Observation{there, there ? email + " can sign in" : email + " has no account"};
  }

  Async<Status> apply() override {
    ProcessRequest request =
        program({"user", "add", platform_.credentials.email, "--role", "admin"});
    request.input = platform_.credentials.password + "\n";
    AUTERITY_CO_CHECK(co_await call(context_.processes, std::move(request)));
    co_return Status{};
  }

 private:
  ProcessRequest program(std::vector<std::string> arguments) const {
    ProcessRequest request;
    request.arguments = {(platform_.release(platform_.pool()) / "auterity").string()};
    request.arguments.insert(request.arguments.end(), arguments.begin(), arguments.end());
    request.clean_environment = true;
    request.environment = {{"PATH", "/usr/bin:/bin"},
                           {"DATABASE_URL", platform_.service_database_url()},
                           {"REDIS_URL", platform_.redis_url()},
                           {"JWT_SECRET_KEY", platform_.credentials.jwt_secret_key},
                           {"AUTERITY_SECRETS_KEY", platform_.credentials.secrets_key},
                           {"AUTERITY_OBJECTS", platform_.layout.objects().string()}};
    request.working_directory = "/";
    if (platform_.drops_privileges) request.run_as = platform_.service_user;
    return request;
  }

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
