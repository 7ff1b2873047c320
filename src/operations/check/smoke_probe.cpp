// The release itself, started with a database, objects and secrets of its own, and used.
#include <fmt/format.h>

#include "core/finally.h"
#include "core/task_group.h"
#include "data/database_url.h"
#include "data/migrations.h"
#include "data/with_database.h"
#include "operations/check/probes.h"
#include "operations/deploy/smoke_run.h"
#include "operations/migrate/databases.h"
#include "operations/migrate/local_target.h"
#include "operations/process_call.h"
#include "operations/release/release_program.h"

namespace auterity::operations::check {
namespace {

constexpr std::string_view kPurpose = "smoke";
constexpr Duration kReadyLimit = std::chrono::seconds(10);
constexpr Duration kRunLimit = std::chrono::seconds(30);
constexpr Duration kPoll = std::chrono::milliseconds(25);

class SmokeTest {
 public:
  SmokeTest(LocalContext& context, const local::Platform& platform, MigrateTarget target,
            std::filesystem::path release, SmokeFacts& facts)
      : context_(context),
        platform_(platform),
        target_(std::move(target)),
        facts_(facts),
        credentials_(new_credentials(context.random)) {
    program_.folder = std::move(release);
    program_.jwt_secret_key = credentials_.jwt_secret_key;
    program_.secrets_key = credentials_.secrets_key;
    if (platform_.drops_privileges) program_.run_as = platform_.service_user;
  }

  // What goes wrong from here on is the release's fault.
  Async<Status> run(std::string database) {
    folder_ = platform_.layout.run / database;
    program_.objects = folder_ / "objects";
    Status outcome = co_await finally(run_in_folder(database), remove_folder());
    if (!outcome)
      outcome = fail(
          ErrorKind::failed, fmt::format("release {}: {}", facts_.version, outcome.error().message),
          "start it by hand to see more: " + program_.folder.string() + "/auterity serve");
    co_return outcome;
  }

  // A dead process left its folder, when its database is gone.
  Async<Status> remove_orphans() {
    AUTERITY_CO_TRY(names, context_.files.list(platform_.layout.run));
    MigrateServices services = migrate_services(context_);
    for (const std::string& name : names) {
      if (!name.contains(fmt::format("_scratch_{}_", kPurpose))) continue;
      AUTERITY_CO_TRY(lives, co_await database_exists(services, target_, name));
      if (!lives) AUTERITY_CO_CHECK(context_.files.remove_tree(platform_.layout.run / name));
    }
    co_return Status{};
  }

 private:
  Async<Status> run_in_folder(std::string database) {
    AUTERITY_CO_CHECK(co_await make_folder());
    AUTERITY_CO_TRY(url, data::with_database(target_.url, database));
    program_.database_url = std::move(url);
    AUTERITY_CO_CHECK(co_await prepare_database());
    TaskGroup group(context_.executor, "smoke test", [](std::string_view, std::exception_ptr) {});
    group.spawn("serve", serve());
    co_return co_await finally(use(), end(group));
  }

  Async<Status> make_folder() {
    std::vector<std::string> command{"install", "-d", "-m", "0700"};
    if (platform_.drops_privileges) command.insert(command.end(), {"-o", platform_.service_user});
    command.insert(command.end(), {folder_.string(), program_.objects.string()});
    co_return co_await call(context_.processes, std::move(command));
  }
  Async<void> remove_folder() {
    // One that could not be removed goes with the next test, by remove_orphans().
    [[maybe_unused]] const Status removed = context_.files.remove_tree(folder_);
    co_return;
  }

  Async<Status> prepare_database() {
    AUTERITY_CO_TRY(migrations, data::load_migrations(target_.migrations));
    AUTERITY_CO_CHECK(co_await data::with_database(
        data::open_database(context_.executor, context_.clock, context_.log,
                            {.url = program_.database_url, .application_name = "auterity check"}),
        [&](data::Database& database) {
          return data::migrate_up(database, context_.clock, std::move(migrations));
        }));
    ProcessRequest request =
        program_.command({"user", "add", credentials_.email, "--role", "admin"});
    request.input = credentials_.password + "\n";
    AUTERITY_CO_CHECK(co_await call(context_.processes, std::move(request)));
    co_return Status{};
  }

  Async<void> serve() {
    ProcessRequest request = program_.command({"serve"});
    // It does not outlive us, whatever becomes of us.
    request.arguments.insert(request.arguments.begin(), {"setpriv", "--pdeathsig", "KILL"});
    request.environment["AUTERITY_LISTEN"] = "unix:" + socket().string();
    request.timeout = kRunLimit;
    ended_ = co_await context_.processes.run(std::move(request));
  }
  static Async<void> end(TaskGroup& group) {
    group.stop();
    co_await group.join();
  }

  Async<Status> use() {
    const Duration begun = context_.clock.monotonic();
    ReplicaClient replica(context_.http, socket(), "the replica on trial");
    AUTERITY_CO_CHECK(co_await wait_until_ready(replica));
    facts_.ready_after = context_.clock.monotonic() - begun;
    AUTERITY_CO_TRY(health, co_await replica.get("/api/health"));
    if (const auto said = string_or(find_member(health, "version"), ""); said != facts_.version)
      co_return fail(ErrorKind::failed, fmt::format("it answers as version {}", said),
                     "build the release again, from a program of that version");
    AUTERITY_CO_TRY(token, co_await replica.sign_in(credentials_));
    const Duration ready = context_.clock.monotonic();
    AUTERITY_CO_CHECK(co_await run_smoke_workflow(replica, token));
    facts_.ran_for = context_.clock.monotonic() - ready;
    co_return Status{};
  }

  Async<Status> wait_until_ready(ReplicaClient& replica) {
    const Duration deadline = context_.clock.monotonic() + kReadyLimit;
    for (;;) {
      if (ended_) co_return early_end();
      const auto ready = co_await replica.get("/api/health/readiness");
      if (ready) co_return Status{};
      if (context_.clock.monotonic() > deadline)
        co_return fail(ErrorKind::failed, "it did not get ready: " + ready.error().message);
      co_await context_.clock.sleep(kPoll);
    }
  }

  Status early_end() const {
    if (!*ended_) return std::unexpected(ended_->error());
    std::string_view said = (*ended_)->error_output;
    while (said.ends_with('\n')) said.remove_suffix(1);
    return fail(ErrorKind::failed,
                fmt::format("it ended with exit code {}: {}", (*ended_)->exit_code,
                            said.substr(said.rfind('\n') + 1)));
  }

  std::filesystem::path socket() const { return folder_ / "api.sock"; }

  LocalContext& context_;
  const local::Platform& platform_;
  MigrateTarget target_;
  SmokeFacts& facts_;
  local::Credentials credentials_;
  ReleaseProgram program_;
  std::filesystem::path folder_;
  std::optional<Result<ProcessOutcome>> ended_;
};

}  // namespace

Async<Result<SmokeFacts>> ask_smoke(const Subject& subject) {
  SmokeFacts facts;
  AUTERITY_CO_TRY(version, wanted_release(subject));
  facts.version = std::move(version);
  if (!subject.platform)
    co_return fail(ErrorKind::not_ready, "the platform was never started here",
                   "start it: auterity up");
  const auto release = subject.context.layout.releases() / facts.version;
  if (!subject.context.files.exists(release / "auterity"))
    co_return fail(ErrorKind::not_ready, "there is no such release to start", "see release");
  AUTERITY_CO_TRY(target, migrate_target_of(subject, facts.version));
  SmokeTest test(subject.context, *subject.platform, target, release, facts);
  MigrateServices services = migrate_services(subject.context);
  AUTERITY_CO_CHECK(co_await with_scratch_database(
      services, target, std::string(kPurpose),
      [&test](std::string database) { return test.run(std::move(database)); }));
  AUTERITY_CO_CHECK(co_await test.remove_orphans());
  co_return facts;
}

}  // namespace auterity::operations::check
