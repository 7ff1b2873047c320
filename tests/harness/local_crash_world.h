#pragma once
// A local platform on a simulated machine, and operations on it that are killed: the steps are the
// real ones, what they work on is not (simulated_machine.h). Steps that need a PostgreSQL are
// replaced by entries of `database`; on a real one they are killed by the tests of migrate. Only
// tests of operations include this, as operation_crashes.h.
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "core/disk_files.h"
#include "harness/event_loop.h"
#include "harness/operation_crashes.h"
#include "harness/simulated_machine.h"
#include "harness/throwaway_folder.h"
#include "operations/kept_step.h"
#include "operations/local_context.h"
#include "operations/up/up_folder_steps.h"
#include "targets/local/haproxy_servers.h"
#include "targets/local/release.h"
#include "targets/local/service_definition.h"

namespace auterity::harness {

// Real files without the wait for the disk, and with a look at each change before it happens.
class WatchedFiles final : public Files {
 public:
  std::function<void()> before_change = [] {};

  Result<std::string> read(const std::filesystem::path& path, std::size_t max_bytes) override {
    return disk_.read(path, max_bytes);
  }
  bool exists(const std::filesystem::path& path) override { return disk_.exists(path); }
  Result<std::vector<std::string>> list(const std::filesystem::path& path) override {
    return disk_.list(path);
  }
  Status write_atomically(const std::filesystem::path& path, std::string_view content,
                          unsigned mode) override {
    before_change();
    const std::filesystem::path fresh = path.string() + ".fresh";
    std::ofstream out(fresh);
    out << content;
    out.close();
    if (!out) return disk_.write_atomically(path, content, mode);  // says why
    std::filesystem::permissions(fresh, std::filesystem::perms(mode));
    std::filesystem::rename(fresh, path);
    return {};
  }
  Status append_durably(const std::filesystem::path& path, std::string_view content,
                        unsigned mode) override {
    before_change();
    return disk_.append_durably(path, content, mode);
  }
  Status create_directories(const std::filesystem::path& path, unsigned mode) override {
    return disk_.create_directories(path, mode);
  }
  Status remove_tree(const std::filesystem::path& path) override {
    if (!disk_.exists(path)) return {};
    before_change();
    return disk_.remove_tree(path);
  }

 private:
  DiskFiles disk_;
};

class LocalCrashWorld : public CrashWorld {
 public:
  LocalCrashWorld()
      : clock_(loop_),
        context{.executor = loop_.get_executor(),
                .files = disk,
                .processes = machine,
                .clock = clock_,
                .random = random_,
                .http = machine,
                .log = log_,
                .program = folder_.path() / "tree/build/auterity",
                .user_id = user_id(),
                .user_name = "somebody",
                .memory_bytes = std::uint64_t{4} << 30,
                .layout = {folder_.path() / "home", "test", folder_.path() / "run",
                           folder_.path() / "config"}},
        machine(loop_, clock_, context.layout.services(), context.layout.run, context.layout.logs(),
                user_id()) {
    disk.before_change = [this] { count_effect(); };
    machine.before_program = [this] { count_effect(); };
    make_release(folder_.path() / "tree", "build/auterity");
  }

  Clock& clock() override { return clock_; }
  Result<operations::RunResult> run(Async<Result<operations::RunResult>> work) override {
    return clock_.run(std::move(work));
  }

  // A platform that runs release 1.0.0 as `pool` says; 1.1.0 lies beside it.
  void start_platform(int replicas, int workers);
  local::Platform platform() {
    auto loaded = operations::load_platform(context, true);
    EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().message);
    return std::move(*loaded);
  }

  // Whatever ended: one pool serves with all requests, in what is kept, in HAProxy's file and in
  // the HAProxy that runs; exactly its processes run, of its release; web files are its.
  void expect_one_pool(const std::string& colour, const std::string& version, int replicas,
                       int workers);
  void expect_nothing_runs() {
    EXPECT_FALSE(machine.supervisor_runs());
    EXPECT_TRUE(machine.services().empty());
    EXPECT_FALSE(disk.exists(context.layout.run));
  }
  // Requests are answered at this moment.
  void expect_served() {
    EXPECT_EQ(machine.ask_in_public("/api/health/readiness").first, 200);
    EXPECT_EQ(machine.ask_in_public("/").first, 200);
  }
  void add_release(const std::string& version);
  std::string digest_of_release(const std::string& version) {
    return local::installed_digest(disk, context.layout.releases() / version).value_or("");
  }

  // This process is killed before its nth change of a file or start of a program.
  int killed_at_effect = 0;
  int effects = 0;
  std::string failing_step;        // does its work, and fails all the same
  std::set<std::string> database;  // what steps on a PostgreSQL have done

 private:
  static unsigned user_id() { return ::geteuid() == 0 ? 65534 : ::geteuid(); }
  void make_release(const std::filesystem::path& folder, const std::string& program);
  void count_effect() {
    if (++effects == killed_at_effect) throw crashes::Killed{};
  }

  ThrowawayFolder folder_{"crash", ThrowawayFolder::Place::memory};
  boost::asio::io_context loop_;
  SimulatedClock clock_;
  SeededRandom random_{11};
  SilentLog log_;

 public:
  WatchedFiles disk;
  operations::LocalContext context;
  SimulatedMachine machine;
};

inline void LocalCrashWorld::make_release(const std::filesystem::path& folder,
                                          const std::string& program) {
  namespace fs = std::filesystem;
  for (const char* part : {"web", "migrations", "build"}) fs::create_directories(folder / part);
  std::ofstream(folder / program) << "program\n";
  std::ofstream(folder / "web/index.html") << "page\n";
  std::ofstream(folder / "migrations/0001_all.up.sql") << "SELECT 1;\n";
}

inline void LocalCrashWorld::add_release(const std::string& version) {
  const auto folder = context.layout.releases() / version;
  make_release(folder, "auterity");
  std::filesystem::remove_all(folder / "build");
  std::ofstream(folder / "web/index.html") << "page of " << version << "\n";
  local::ReleaseManifest manifest;
  manifest.facts.version = version;
  manifest.facts.commit = "unknown";
  manifest.facts.platform = "linux-x86_64";
  manifest.facts.schema = manifest.facts.state_formats = {1, 1};
  manifest.files = *local::hash_folder(folder, "");
  manifest.digest = local::digest_of(manifest.files);
  std::ofstream(folder / local::kManifestFile) << local::to_text(manifest);
}

inline void LocalCrashWorld::start_platform(int replicas, int workers) {
  local::Platform platform;
  platform.layout = context.layout;
  platform.service_user = context.user_name;
  platform.memory_bytes = context.memory_bytes;
  platform.public_port = 8001;
  platform.postgres_port = 8002;
  platform.credentials = {"admin@auterity.local", "p", "d", "r", "j", "s"};
  platform.pool().version = "1.0.0";
  platform.pool().replicas = replicas;
  platform.pool().workers = workers;
  platform.backups = {context.layout.backups().string(), context.layout.backup_key().string()};
  const auto start = [&]() -> Async<Status> {
    AUTERITY_CO_CHECK(
        co_await operations::make_folder_step(context, platform, "state-folder")->apply());
    add_release("1.0.0");
    add_release("1.1.0");
    platform.pool().release_digest = digest_of_release("1.0.0");
    AUTERITY_CO_CHECK(operations::keep_platform(context, platform));
    AUTERITY_CO_CHECK(
        co_await operations::make_folder_step(context, platform, "credentials")->apply());
    auto supervisor = operations::supervisor_of(context, platform);
    AUTERITY_CO_CHECK(co_await supervisor.start());
    for (const std::string& service : platform.service_names())
      AUTERITY_CO_CHECK(
          co_await supervisor.start_service(local::define_service(platform, service)));
    co_return Status{};
  };
  const Status started = clock_.run(start());
  EXPECT_TRUE(started) << (started ? "" : started.error().message);
}

inline void LocalCrashWorld::expect_one_pool(const std::string& colour, const std::string& version,
                                             int replicas, int workers) {
  const local::Platform kept = platform();
  ASSERT_EQ(kept.pools.size(), 1u);
  EXPECT_EQ(kept.pool().colour, colour);
  EXPECT_EQ(kept.pool().version, version);
  EXPECT_EQ(kept.pool().percent, 100);
  EXPECT_EQ(kept.pool().replicas, replicas);
  EXPECT_EQ(kept.pool().workers, workers);
  const auto supervisor = operations::supervisor_of(context, kept);
  auto names = kept.service_names();
  std::set<std::string> expected(names.begin(), names.end());
  std::set<std::string> found;
  for (const auto& [name, service] : machine.services()) {
    found.insert(name);
    EXPECT_TRUE(service.up) << name;
    if (!expected.contains(name)) continue;
    EXPECT_TRUE(supervisor.runs_as_defined(local::define_service(kept, name))) << name;
    EXPECT_FALSE(disk.exists(context.layout.service(name) / "down")) << name;
    if (name == "nginx" || !local::parse_member(name).colour.empty())
      EXPECT_EQ(service.release, version) << name;
  }
  EXPECT_EQ(found, expected);
  std::vector<local::BalancerServer> servers;
  int served = 0;
  for (const auto& server : machine.servers()) {
    servers.push_back({server.name, server.state == "maint" ? "MAINT" : "UP", server.weight, 0});
    EXPECT_NE(server.state, "drain") << server.name;
    if (server.state == "ready" && server.weight > 0) ++served;
  }
  EXPECT_EQ(served, replicas);
  EXPECT_EQ(local::split_commands(kept, servers), std::vector<std::string>{});
  EXPECT_EQ(std::filesystem::read_symlink(context.layout.logs() / "api-1"), colour + "-api-1");
  EXPECT_TRUE(local::verify_release(disk, context.layout.releases() / version).empty());
  expect_served();
}

// How many places a sweep killed a process at.
struct Swept {
  int records = 0;
  int effects = 0;
};

using MakeWorld = std::function<std::unique_ptr<LocalCrashWorld>()>;

// Before a change that a step makes: in the middle of it.
inline int kill_at_effects(const MakeWorld& make_world, Follow follow, int stride) {
  int places = 0;
  for (int effect = 1;; effect += stride) {
    SCOPED_TRACE(testing::Message() << "killed before change " << effect);
    const auto world = make_world();
    world->effects = 0;
    world->killed_at_effect = effect;
    if (!live(*world, follow).killed) return places;
    ++places;
    crashes::expect_end(*world, follow, 0);
    if (testing::Test::HasFailure()) return places;
  }
}

// Kills the operation everywhere; what is left is resumed, or undone. Where a step fails, the way
// there was swept without it: every fifth record.
inline Swept sweep(const MakeWorld& make_world, int stride = 7) {
  constexpr int kWhereAStepFails = 5;
  Swept swept;
  // An operation that never succeeds would end as if it had not been, wherever it is killed.
  const auto unharmed = make_world();
  const bool fails = !unharmed->failing_step.empty();
  const auto life = live(*unharmed, Follow::resume);
  EXPECT_EQ(life.result.has_value(), !fails)
      << (life.result ? "the step did not fail" : life.result.error().message);
  unharmed->expect_correct_end(unharmed->only_operation());
  if (testing::Test::HasFailure()) return swept;
  const int records = fails ? crash_stride(kWhereAStepFails) : 1;
  for (const Follow follow : {Follow::resume, Follow::undo}) {
    SCOPED_TRACE(follow == Follow::resume ? "resumed" : "undone");
    swept.records += kill_at_records(make_world, follow, records);
    if (testing::Test::HasFailure()) return swept;
    swept.effects += kill_at_effects(make_world, follow, crash_stride(stride));
    if (testing::Test::HasFailure()) return swept;
  }
  return swept;
}

// The real operation on the simulated machine.
class OperationOnMachine final : public operations::Operation {
 public:
  OperationOnMachine(LocalCrashWorld& world, std::unique_ptr<operations::Operation> real,
                     std::set<std::string, std::less<>> database_steps,
                     std::function<Result<operations::Plan>()> plan = {})
      : world_(world),
        real_(std::move(real)),
        database_steps_(std::move(database_steps)),
        plan_(std::move(plan)) {}

  std::string_view kind() const override { return real_->kind(); }
  JsonObject request() const override { return real_->request(); }
  void take_id(std::string_view id) override { real_->take_id(id); }
  Async<Result<operations::Plan>> plan() override {
    if (plan_) co_return plan_();
    co_return co_await real_->plan();
  }
  bool supersedes(std::string_view kind) const override { return real_->supersedes(kind); }
  Result<std::unique_ptr<operations::Step>> bind(const operations::PlannedStep& step) override {
    std::unique_ptr<operations::Step> effects;
    if (database_steps_.contains(step.name)) {
      effects = std::make_unique<OnDatabase>(world_.database, step.name);
    } else {
      AUTERITY_TRY(bound, real_->bind(step));
      effects = std::move(bound);
    }
    if (world_.failing_step != step.name) return effects;
    return std::make_unique<Failing>(std::move(effects));
  }

 private:
  class OnDatabase final : public operations::KeptStep {
   public:
    OnDatabase(std::set<std::string>& done, std::string name)
        : done_(done), name_(std::move(name)) {}
    Async<Result<operations::Observation>> observe() override {
      co_return operations::Observation{done_.contains(name_), name_};
    }
    Async<Status> apply() override {
      done_.insert(name_);
      co_return Status{};
    }

   private:
    std::set<std::string>& done_;
    std::string name_;
  };
  // Its work is done before it fails: the most that there can be to take back.
  class Failing final : public operations::Step {
   public:
    explicit Failing(std::unique_ptr<operations::Step> step) : step_(std::move(step)) {}
    Async<Result<operations::Observation>> observe() override {
      co_return co_await step_->observe();
    }
    Async<Status> apply() override {
      AUTERITY_CO_CHECK(co_await step_->apply());
      co_return fail(ErrorKind::failed, "it broke");
    }
    Async<Status> undo() override { co_return co_await step_->undo(); }
    Async<Status> settle() override { co_return co_await step_->settle(); }

   private:
    std::unique_ptr<operations::Step> step_;
  };

  LocalCrashWorld& world_;
  std::unique_ptr<operations::Operation> real_;
  std::set<std::string, std::less<>> database_steps_;
  std::function<Result<operations::Plan>()> plan_;
};

}  // namespace auterity::harness
