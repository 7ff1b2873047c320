// How many executions a second the store makes durable. Usage: store_benchmark DATABASE_URL
// [SECONDS [ROUNDS]], run from the project's root on an empty database of its own; PostgreSQL
// should run with fsync and synchronous_commit on. One event loop on one thread, as in an API
// process. Prints the median of the rounds and their range.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <vector>

#include "core/metrics.h"
#include "core/random.h"
#include "core/system_clock.h"
#include "core/task_group.h"
#include "data/migrations.h"
#include "engine/store/postgres_execution_store.h"

namespace auterity::engine {
namespace {

class ErrorLog final : public Log {
 public:
  void write(LogLevel level, std::string_view, std::string_view message, const LogContext&,
             LogFields fields, std::source_location) override {
    if (level < LogLevel::warning) return;
    fmt::print(stderr, "{}", message);
    for (const auto& [name, value] : fields)
      fmt::print(stderr, " {}={}", name, auterity::to_text(value));
    fmt::print(stderr, "\n");
  }
};

struct World {
  boost::asio::io_context loop{1};
  boost::asio::thread_pool blocking{1};
  SystemClock clock;
  SystemRandom system_random;
  SeededRandom random{system_random.next()};
  ErrorLog log;
  std::unique_ptr<Metrics> metrics = make_metrics();
  std::string folder = (std::filesystem::temp_directory_path() / "store_benchmark_XXXXXX").string();
  std::unique_ptr<data::ObjectStore> objects;
  std::unique_ptr<data::Database> database;
  std::unique_ptr<PostgresExecutionStore> store;
  Uuid workflow;
  bool stop = false;
  long executions = 0;
};

const Json kInput{{"order", {{"id", 12345}, {"items", {"a", "b", "c"}}}}, {"note", "hello"}};

std::vector<HistoryEvent> events(World& world, std::int64_t first, int count) {
  std::vector<HistoryEvent> result;
  for (int i = 0; i < count; ++i)
    result.push_back({.number = first + i,
                      .at = world.clock.now(),
                      .type = i % 2 == 0 ? "task.started" : "task.completed",
                      .task = "/do/0/charge",
                      .data = i % 2 == 0 ? Json() : Json{{"total", 12.5}}});
  return result;
}

NewExecution new_execution(World& world) {
  NewExecution execution{.id = make_uuid(world.clock.now(), world.random),
                         .workflow_id = world.workflow};
  execution.input = kInput;
  execution.workflow_type = execution.trigger = "api";
  execution.started_by = "01a205b3-d000-7000-8000-000000000000";
  execution.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  execution.created_at = world.clock.now();
  return execution;
}

Checkpoint checkpoint(World& world, const Uuid& id, std::int64_t seq, bool last) {
  Checkpoint result{.id = id, .term = 1, .seq = seq};
  result.events = events(world, seq * 4, last ? 4 : 2);
  if (last) {
    result.status = ExecutionStatus::completed;
    result.wake = WakeReason::none;
    result.output = Json{{"total", 12.5}, {"ok", true}};
    result.finished_at = world.clock.now();
  } else {
    result.state =
        R"({"format":1,"position":"/do/0/charge","context":{"total":12.5,"items":["a","b","c"]},"vars":{"item":3,"index":2}})";
  }
  return result;
}

void expect(const auto& result) {
  if (result) return;
  fmt::print(stderr, "failed: {}\nhint: {}\n", result.error().message, result.error().hint);
  std::exit(1);
}

Async<void> run_executions(World& world, int checkpoints) {
  while (!world.stop) {
    NewExecution execution = new_execution(world);
    const Uuid id = execution.id;
    expect(co_await world.store->create(std::move(execution),
                                        checkpoint(world, id, 1, checkpoints == 1), "benchmark",
                                        std::chrono::seconds(60)));
    for (int seq = 2; seq <= checkpoints; ++seq)
      expect(co_await world.store->save(checkpoint(world, id, seq, seq == checkpoints)));
    ++world.executions;
  }
}

Async<void> round(World& world, int in_flight, int checkpoints, Duration length, double& rate) {
  TaskGroup tasks(world.loop.get_executor(), "benchmark",
                  [](std::string_view, std::exception_ptr) { std::abort(); });
  world.stop = false;
  world.executions = 0;
  const Duration begun = world.clock.monotonic();
  for (int i = 0; i < in_flight; ++i) tasks.spawn("client", run_executions(world, checkpoints));
  co_await world.clock.sleep(length);
  world.stop = true;
  co_await tasks.join();
  rate = static_cast<double>(world.executions) /
         std::chrono::duration<double>(world.clock.monotonic() - begun).count();
}

void run(World& world, Async<void> work) {
  boost::asio::co_spawn(world.loop, std::move(work), [&](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
    world.loop.stop();
  });
  world.loop.restart();
  world.loop.run();
}

Async<void> migrate(World& world) {
  auto migrations = data::load_migrations("migrations");
  expect(migrations);
  expect(co_await data::migrate_up(*world.database, world.clock, std::move(*migrations)));
  expect(co_await world.store->partitions().run_once());
}

Async<void> finish(World& world) {
  co_await world.store->close();
  co_await world.database->close();
}

void measure(World& world, std::string_view what, int in_flight, int checkpoints, Duration length,
             int rounds) {
  std::vector<double> rates(static_cast<std::size_t>(rounds));
  for (double& rate : rates) run(world, round(world, in_flight, checkpoints, length, rate));
  std::ranges::sort(rates);
  fmt::print("{:<44} {:>4} in flight: {:>8.0f}/s ({:.0f} to {:.0f})\n", what, in_flight,
             rates[rates.size() / 2], rates.front(), rates.back());
  std::fflush(stdout);
}

int run_all(const std::string& url, Duration length, int rounds) {
  World world;
  if (!mkdtemp(world.folder.data())) return 1;
  world.objects = data::open_folder_object_store(world.folder, world.blocking.get_executor());
  world.database = data::open_database(world.loop.get_executor(), world.clock, world.log,
                                       {.url = url, .max_connections = 4});
  world.store = std::make_unique<PostgresExecutionStore>(world.loop.get_executor(), *world.database,
                                                         *world.objects, world.clock, world.log,
                                                         *world.metrics, ExecutionStoreOptions{});
  world.workflow = make_uuid(world.clock.now(), world.random);
  run(world, migrate(world));
  for (int in_flight : {1, 64, 256})
    measure(world, "executions, one checkpoint", in_flight, 1, length, rounds);
  for (int in_flight : {1, 64, 256})
    measure(world, "executions, ten checkpoints", in_flight, 10, length, rounds);
  run(world, finish(world));
  if (std::getenv("SHOW_METRICS")) fmt::print("{}", world.metrics->expose());
  std::filesystem::remove_all(world.folder);
  return 0;
}

}  // namespace
}  // namespace auterity::engine

int main(int count, char** arguments) {
  if (count < 2) {
    fmt::print(stderr, "usage: store_benchmark DATABASE_URL [SECONDS [ROUNDS]]\n");
    return 2;
  }
  const int seconds = count > 2 ? std::atoi(arguments[2]) : 3;
  const int rounds = count > 3 ? std::atoi(arguments[3]) : 5;
  return auterity::engine::run_all(arguments[1], std::chrono::seconds(std::max(1, seconds)),
                                   std::max(1, rounds));
}
