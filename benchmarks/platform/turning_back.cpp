#include "turning_back.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "core/task_group.h"
#include "load.h"
#include "operations/deploy/deploy_request.h"
#include "operations/deploy/traffic.h"
#include "operations/journal/file_journal.h"

namespace auterity::benchmark {
namespace {

constexpr std::string_view kVersion = "99.0.0-benchmark";
constexpr int kPercent = 50;
constexpr Duration kPoll = std::chrono::milliseconds(20);
constexpr Duration kLimit = std::chrono::minutes(2);
constexpr int kLoadSeconds = 10;
constexpr int kConnections = 16;

Async<Status> run(operations::LocalContext& context, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), context.program.string());
  const auto outcome = co_await context.processes.run(
      {.arguments = std::move(arguments), .timeout = std::chrono::minutes(2)});
  if (!outcome) co_return std::unexpected(outcome.error());
  if (outcome->exit_code != 0)
    co_return fail(ErrorKind::failed, outcome->error_output, "give the command by hand");
  co_return Status{};
}

// A deploy that watches its first canary for as long as nobody ends it.
class Deploy {
 public:
  explicit Deploy(const std::string& program) : pid_(::fork()) {
    if (pid_ != 0) return;
    const int nowhere = ::open("/dev/null", O_RDWR);
    for (const int stream : {0, 1, 2}) ::dup2(nowhere, stream);
    ::execl(program.c_str(), program.c_str(), "deploy", "--version", kVersion.data(), "--canary",
            "50,100", "--bake", "600", nullptr);
    ::_exit(127);
  }
  ~Deploy() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  bool ended() const { return ::waitpid(pid_, nullptr, WNOHANG) != 0; }
  Deploy(const Deploy&) = delete;
  Deploy& operator=(const Deploy&) = delete;

 private:
  pid_t pid_;
};

Async<void> keep_busy(Processes& processes, std::string url, Result<LoadResult>& result) {
  result = co_await run_load(
      processes, {.url = std::move(url), .connections = kConnections, .seconds = kLoadSeconds});
}

Result<operations::DeployRequest> request_under_way(operations::LocalContext& context) {
  operations::FileJournal journal(context.files, context.layout.operations());
  AUTERITY_TRY(deploy, operations::find_unfinished(journal));
  if (!deploy) return fail(ErrorKind::failed, "no deploy is under way", "give it by hand");
  return operations::parse_deploy_request(deploy->request);
}

// Once the canary has its requests the deploy's process dies; pools and weights stay.
Async<Status> reach_canary(operations::LocalContext& context) {
  const Deploy deploy(context.program.string());
  const Duration limit = context.clock.monotonic() + kLimit;
  while (context.clock.monotonic() < limit && !deploy.ended()) {
    co_await context.clock.sleep(kPoll);
    AUTERITY_CO_TRY(platform, operations::load_platform(context, false));
    if (platform.pools.size() < 2 || platform.pool().percent == 100) continue;
    AUTERITY_CO_TRY(seen, co_await operations::observe_traffic(context, std::move(platform)));
    if (seen.holds) co_return Status{};
  }
  co_return fail(ErrorKind::timeout, "the deploy did not reach its canary", "give it by hand");
}

Async<Result<std::vector<double>>> move_there_and_back(operations::LocalContext& context,
                                                       int moves) {
  AUTERITY_CO_TRY(request, request_under_way(context));
  AUTERITY_CO_TRY(platform, operations::load_platform(context, true));
  std::vector<double> milliseconds;
  for (int move = 0; move < moves; ++move) {
    AUTERITY_CO_CHECK(co_await operations::move_traffic(
        context, operations::with_shares(platform, request, kPercent)));
    const local::Platform back = operations::with_shares(platform, request, 0);
    const Duration decided = context.clock.monotonic();
    AUTERITY_CO_CHECK(co_await operations::move_traffic(context, back));
    AUTERITY_CO_TRY(seen, co_await operations::observe_traffic(context, back));
    const std::chrono::duration<double, std::milli> took = context.clock.monotonic() - decided;
    if (!seen.holds) co_return fail(ErrorKind::failed, seen.evidence, "see HAProxy's log");
    milliseconds.push_back(took.count());
  }
  co_return milliseconds;
}

}  // namespace

Async<Result<std::vector<double>>> measure_turning_back(TurningBack subject) {
  operations::LocalContext& context = subject.context;
  AUTERITY_CO_CHECK(co_await run(context, {"release", "build", "--version", std::string(kVersion),
                                           "--program", context.program.string()}));
  AUTERITY_CO_CHECK(co_await reach_canary(context));
  Result<LoadResult> load;
  TaskGroup group(context.executor, "load", [](std::string_view, std::exception_ptr) {});
  group.spawn("wrk", keep_busy(context.processes, subject.front + "/api/health", load));
  auto milliseconds = co_await move_there_and_back(context, subject.moves);
  co_await group.join();
  AUTERITY_CO_CHECK(co_await run(context, {"operations", "undo", "latest"}));
  if (!load) co_return std::unexpected(load.error());
  if (load->errors > 0)
    co_return fail(ErrorKind::failed,
                   std::to_string(load->errors) + " requests failed while weights were moved",
                   "see HAProxy's log");
  co_return milliseconds;
}

}  // namespace auterity::benchmark
