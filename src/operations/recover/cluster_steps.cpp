// The database of a recovery: its data folder out of the base backup's objects, and its log
// replayed by PostgreSQL itself, which this process feeds.
#include <fmt/format.h>
#include <pwd.h>

#include <boost/json.hpp>
#include <optional>

#include "core/counted.h"
#include "core/finally.h"
#include "core/task_group.h"
#include "data/database.h"
#include "operations/backup/wal_feed.h"
#include "operations/process_call.h"
#include "operations/recover/data_steps.h"
#include "operations/recover/recover_plan.h"
#include "operations/recover/recovery_log.h"

namespace auterity::operations {
namespace {

namespace fs = std::filesystem;

constexpr auto kLimit = std::chrono::hours(6);
constexpr auto kBetweenLooks = std::chrono::milliseconds(50);
constexpr std::uint64_t kSpare_bytes = 256u << 20;  // log that recovery writes
constexpr std::string_view kPostgres = "postgres";

// What recovery knows of itself, for as long as the server runs that went through it.
constexpr data::Statement kState{
    "recover.state",
    "SELECT pg_is_in_recovery(), "
    "(extract(epoch FROM pg_last_xact_replay_timestamp()) * 1000000)::bigint, "
    "pg_last_wal_replay_lsn()::text, "
    "CASE WHEN pg_is_in_recovery() THEN '' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) "
    "END"};

class DataFolderStep final : public Step {
 public:
  explicit DataFolderStep(RecoverWorld& world) : world_(world), files_(world.context.files) {}

  Async<Result<Observation>> observe() override {
    const bool there = files_.exists(folder() / "PG_VERSION");
    co_return Observation{there, there ? fmt::format("the cluster is in {}", folder().string())
                                       : "there is no cluster yet"};
  }

  // Made beside and moved into place: one that is there is whole.
  Async<Status> apply() override {
    AUTERITY_CO_CHECK(co_await world_.prepare());
    AUTERITY_CO_CHECK(check_room());
    AUTERITY_CO_CHECK(files_.remove_tree(fresh()));
    auto request = world_.restore_request();
    request.data_folder = fresh();
    AUTERITY_CO_CHECK(co_await restore_cluster(world_.storage->objects(), std::move(request)));
    co_return co_await call(world_.context.processes,
                            {"mv", "-T", fresh().string(), folder().string()});
  }

  Async<Status> undo() override {
    AUTERITY_CO_CHECK(files_.remove_tree(fresh()));
    co_return files_.remove_tree(folder());
  }

 private:
  fs::path folder() const { return world_.context.layout.postgres(); }
  fs::path fresh() const { return world_.context.layout.state() / ".postgres.new"; }

  Status check_room() const {
    std::error_code error;
    const fs::path state = world_.context.layout.state();
    const auto space = fs::space(state, error);
    const std::uint64_t needed = world_.database->size() + kSpare_bytes;
    if (error || space.available >= needed) return {};
    return fail(ErrorKind::storage_full,
                fmt::format("the cluster needs {} in {}, and {} are free", size_text(needed),
                            state.string(), size_text(space.available)),
                "free space there, or recover into another environment on another disk: --into");
  }

  RecoverWorld& world_;
  Files& files_;
};

struct ReplayState {
  bool replaying = true;
  std::optional<Time> last_write;  // commit of the last transaction that was replayed
  std::string place;               // in the log
  std::string timeline;            // hexadecimal digits
  bool reached_time = false;       // the log goes on after the time that was asked for
};

class RecoveryStep final : public Step {
 public:
  explicit RecoveryStep(RecoverWorld& world) : world_(world), context_(world.context) {}

  Async<Result<Observation>> observe() override {
    const auto written = context_.files.read(world_.evidence(kReplayed));
    if (!written) co_return Observation{false, "the log is not replayed"};
    auto supervisor = supervisor_of(context_, world_.platform);
    AUTERITY_CO_TRY(state, co_await supervisor.state(std::string(kPostgres)));
    if (!state.ready) co_return Observation{false, "PostgreSQL does not run"};
    AUTERITY_CO_TRY(document, parse_json(*written));
    co_return Observation{true, std::string(string_or(find_member(document, "evidence"), ""))};
  }

  Async<Status> apply() override {
    AUTERITY_CO_CHECK(co_await world_.prepare());
    RecoveryLog log(world_.storage->objects(), *world_.database);
    AUTERITY_CO_TRY(
        feed, backup::WalFeed::open(context_.executor, log,
                                    world_.platform.layout.socket("wal-feed"), service_owner()));
    TaskGroup group(context_.executor, "wal-feed", [this](std::string_view, std::exception_ptr) {
      context_.log.error("recover", "the log cannot be handed out any more");
    });
    group.spawn("serve", feed->serve());
    auto replayed = co_await finally(replay(*feed), end(group));
    if (!replayed && feed->failure()) {
      Error reason = *feed->failure();
      co_return std::unexpected(std::move(reason).within("the archived log"));
    }
    if (!replayed) co_return std::unexpected(std::move(replayed).error());
    co_return keep(*replayed);
  }

  Async<Status> undo() override {
    AUTERITY_CO_CHECK(context_.files.remove_tree(world_.evidence(kReplayed)));
    co_return co_await supervisor_of(context_, world_.platform)
        .stop_service(std::string(kPostgres));
  }

 private:
  static Async<void> end(TaskGroup& group) {
    group.stop();
    co_await group.join();
  }

  std::optional<backup::FileOwner> service_owner() const {
    if (!world_.platform.drops_privileges) return std::nullopt;
    const passwd* entry = ::getpwnam(world_.platform.service_user.c_str());
    if (entry == nullptr) return std::nullopt;
    return backup::FileOwner{entry->pw_uid, entry->pw_gid};
  }

  Async<Result<ReplayState>> replay(backup::WalFeed& feed) {
    auto replayed = co_await attempt();
    if (replayed) replayed->reached_time = world_.request.to.has_value();
    if (replayed || !world_.request.to || feed.failure()) co_return replayed;
    // PostgreSQL does not end a recovery to a time after the last commit of the log, although
    // everything until then is there: so it goes to the end, and that is looked at.
    auto request = world_.restore_request();
    request.target = {};
    if (!context_.files.exists(request.data_folder / "recovery.signal")) co_return replayed;
    auto supervisor = supervisor_of(context_, world_.platform);
    AUTERITY_CO_CHECK(co_await supervisor.stop_service(std::string(kPostgres)));
    AUTERITY_CO_CHECK(backup::set_recovery(request));
    auto whole = co_await attempt();
    if (!whole) co_return whole;
    if (whole->last_write && *whole->last_write > *world_.request.to)
      co_return fail(ErrorKind::failed,
                     fmt::format("the recovery did not stop at {}: {}",
                                 to_rfc3339(*world_.request.to), replayed.error().message),
                     "see PostgreSQL's log");
    co_return whole;
  }

  // Until it takes writes, or ends before.
  Async<Result<ReplayState>> attempt() {
    auto supervisor = supervisor_of(context_, world_.platform);
    const auto definition = local::define_service(world_.platform, kPostgres);
    AUTERITY_CO_CHECK(co_await supervisor.start_service(definition));
    AUTERITY_CO_TRY(started, co_await supervisor.state(std::string(kPostgres)));
    const Duration limit = context_.clock.monotonic() + kLimit;
    for (;;) {
      AUTERITY_CO_TRY(state, co_await supervisor.state(std::string(kPostgres)));
      if (!state.up || state.pid != started.pid)
        co_return fail(
            ErrorKind::failed, "PostgreSQL ended before it had replayed the log",
            fmt::format("see its log in {}", (world_.platform.layout.logs() / kPostgres).string()));
      auto seen = co_await look();
      if (seen && !seen->replaying) co_return seen;
      if (context_.clock.monotonic() > limit)
        co_return fail(ErrorKind::timeout, "the log was not replayed within six hours",
                       "look whether this machine is overloaded, and resume");
      co_await context_.clock.sleep(kBetweenLooks);
    }
  }

  Async<Result<ReplayState>> look() {
    data::DatabaseOptions options{.url = world_.platform.maintenance_database_url("postgres"),
                                  .application_name = "auterity-recover",
                                  .max_connections = 1,
                                  .connect_timeout = std::chrono::seconds(3),
                                  .acquire_timeout = std::chrono::seconds(5)};
    const auto database =
        data::open_database(context_.executor, context_.clock, context_.log, std::move(options));
    AUTERITY_CO_TRY(rows, co_await finally(database->query({kState, {}}), database->close()));
    ReplayState state{.replaying = rows->text(0, 0) == "t",
                      .last_write = std::nullopt,
                      .place = std::string(rows->text(0, 2)),
                      .timeline = std::string(rows->text(0, 3))};
    if (!rows->is_null(0, 1))
      state.last_write = from_epoch_microseconds(std::stoll(std::string(rows->text(0, 1))));
    co_return state;
  }

  Status keep(const ReplayState& state) {
    const std::string last =
        state.last_write ? to_rfc3339(*state.last_write) : "none after the backup";
    const std::string evidence = fmt::format(
        "recovered to {}, last write {}; it goes on under timeline {}",
        state.place.empty() ? "the end of the backup" : state.place, last, state.timeline);
    const JsonObject document{
        {"evidence", evidence},
        {"last_write", state.last_write ? Json(to_rfc3339(*state.last_write)) : Json(nullptr)},
        {"reached_time", state.reached_time},
        {"place", state.place},
        {"timeline", state.timeline}};
    AUTERITY_CHECK(context_.files.create_directories(world_.evidence("")));
    return context_.files.write_atomically(world_.evidence(kReplayed),
                                           to_pretty_text(Json(document)) + "\n");
  }

  RecoverWorld& world_;
  LocalContext& context_;
};

}  // namespace

std::unique_ptr<Step> make_cluster_step(RecoverWorld& world, const std::string& name) {
  if (name == recover_steps::kDataFolder) return std::make_unique<DataFolderStep>(world);
  if (name == recover_steps::kRecovery) return std::make_unique<RecoveryStep>(world);
  return nullptr;
}

}  // namespace auterity::operations
