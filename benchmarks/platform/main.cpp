// `make bench`: the platform's own figures beside nginx on the same machine in the same run, as
// ratios to the design's targets. Options: --runs N (default 5), --seconds N of each load (default
// 4), --json FILE, --rows N (default 0: not measured): lists of executions among N of them,
// 10000000 for the design's figure, which takes minutes and some gigabytes. Everything runs on
// loopback and ends by itself.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>

#include "core/curl_http_client.h"
#include "core/disk_files.h"
#include "core/stream_log.h"
#include "core/system_clock.h"
#include "core/system_processes.h"
#include "data/database.h"
#include "load.h"
#include "report.h"
#include "stored_rows.h"
#include "subject.h"
#include "turning_back.h"

namespace auterity::benchmark {
namespace {

constexpr std::string_view kOneStep = R"(
document: {dsl: '1.0.3', namespace: bench, name: one-step, version: '1.0.0'}
do:
  - greet: {set: {greeting: hello}}
)";

// A step whose result is durable on its own is an effect; `emit` is the cheapest.
std::string durable_steps(std::string_view name, int count) {
  std::string text = fmt::format(
      "document: {{dsl: '1.0.3', namespace: bench, name: {}, version: '1.0.0'}}\ndo:\n", name);
  for (int i = 1; i <= count; ++i)
    text += fmt::format(
        "  - step{0}: {{emit: {{event: {{with: {{type: bench.step.v1, data: {{step: "
        "{0}}}}}}}}}}}\n",
        i);
  return text;
}

// Tasks without effects run in memory; only what stands around the three calls is written.
std::string mostly_pure(const std::string& url) {
  std::string text =
      "document: {dsl: '1.0.3', namespace: bench, name: mostly-pure, version: '1.0.0'}\ndo:\n";
  for (int i = 0; i < 100; ++i) {
    text += fmt::format("  - pure{0}: {{set: {{n: {0}}}}}\n", i);
    if (i % 33 == 32)
      text += fmt::format("  - call{}: {{call: http, with: {{method: get, endpoint: '{}'}}}}\n", i,
                          url);
  }
  return text;
}

std::string post_script(const Subject& subject, std::string_view body, std::string_view prefer) {
  return fmt::format(
      "wrk.method = \"POST\"\nwrk.body = '{}'\nwrk.headers[\"Content-Type\"] = "
      "\"application/json\"\n"
      "wrk.headers[\"Authorization\"] = \"Bearer {}\"\n{}",
      body, subject.token(),
      prefer.empty() ? "" : fmt::format("wrk.headers[\"Prefer\"] = \"{}\"\n", prefer));
}

std::string get_script(const Subject& subject) {
  return fmt::format("wrk.headers[\"Authorization\"] = \"Bearer {}\"\n", subject.token());
}

struct Options {
  int runs = 5;
  int seconds = 4;
  int rows = 0;
  std::string json;
  std::string binary = "build/auterity";
};

class Session {
 public:
  Session(operations::LocalContext& context, Subject& subject, data::Database& database,
          Report& report, Options options)
      : context_(context),
        processes_(context.processes),
        subject_(subject),
        database_(database),
        report_(report),
        options_(std::move(options)) {}

  Async<Status> run() {
    AUTERITY_CO_CHECK(co_await health());
    AUTERITY_CO_TRY(one, co_await subject_.publish(std::string(kOneStep)));
    AUTERITY_CO_TRY(one_effect, co_await subject_.publish(durable_steps("one-durable-step", 1)));
    AUTERITY_CO_TRY(ten, co_await subject_.publish(durable_steps("ten-durable-steps", 10)));
    AUTERITY_CO_CHECK(co_await row_writes());
    for (int i = 0; i < 17; ++i)
      AUTERITY_CO_CHECK(co_await subject_.publish(durable_steps(fmt::format("filler-{}", i), 1)));
    AUTERITY_CO_CHECK(co_await load("list 20 workflows", subject_.api() + "/api/workflows?limit=20",
                                    get_script(subject_), 64, 25 * 397));
    AUTERITY_CO_CHECK(co_await load("one step (set), each request waits", execute(one),
                                    post_script(subject_, R"({"input":{}})", ""), 256, 15000));
    AUTERITY_CO_CHECK(
        co_await load("one durable step (emit), each request waits", execute(one_effect),
                      post_script(subject_, R"({"input":{}})", ""), 256, std::nullopt));
    AUTERITY_CO_CHECK(co_await load("ten durable steps, each request waits", execute(ten),
                                    post_script(subject_, R"({"input":{}})", ""), 256, 3000));
    AUTERITY_CO_CHECK(co_await bulk(one));
    AUTERITY_CO_CHECK(co_await latency("latency, one step, p50", execute(one), 1));
    AUTERITY_CO_CHECK(co_await latency("latency, ten durable steps, p50", execute(ten), 4));
    if (options_.rows > 0) AUTERITY_CO_CHECK(co_await many_rows({one, one_effect, ten}));
    AUTERITY_CO_CHECK(co_await turning_back());
    co_return co_await start_up();
  }

 private:
  std::string execute(const std::string& id) const {
    return subject_.api() + "/api/workflows/" + id + "/execute";
  }

  Async<Result<LoadResult>> once(std::string url, std::string script, int connections) {
    auto result = co_await run_load(processes_, {.url = std::move(url),
                                                 .script = std::move(script),
                                                 .connections = connections,
                                                 .seconds = options_.seconds});
    if (result && result->errors > 0)
      co_return fail(ErrorKind::failed, fmt::format("{} requests failed", result->errors),
                     "a load with errors is no measurement; see the API's log");
    co_return result;
  }

  Async<Status> health() {
    Figure ours{.what = "GET /api/health, one thread, 64 connections",
                .unit = "/s",
                .runs = {},
                .target = std::nullopt};
    Figure peer{.what = "nginx return 200, one worker, 64 connections",
                .unit = "/s",
                .runs = {},
                .target = std::nullopt};
    Figure ratio{.what = "health / nginx", .unit = "×", .runs = {}, .target = 0.7};
    Figure front{.what = "GET /api/health through HAProxy",
                 .unit = "/s",
                 .runs = {},
                 .target = std::nullopt};
    for (int i = 0; i < options_.runs; ++i) {  // interleaved, so that a noisy moment hits both
      AUTERITY_CO_TRY(a, co_await once(subject_.api() + "/api/health", "", 64));
      AUTERITY_CO_TRY(b, co_await once(subject_.nginx() + "/", "", 64));
      AUTERITY_CO_TRY(c, co_await once(subject_.front() + "/api/health", "", 64));
      ours.runs.push_back(a.requests_a_second);
      peer.runs.push_back(b.requests_a_second);
      ratio.runs.push_back(a.requests_a_second / b.requests_a_second);
      front.runs.push_back(c.requests_a_second);
    }
    for (Figure* figure : {&ours, &peer, &ratio, &front}) report_.add(std::move(*figure));
    co_return Status();
  }

  Async<Status> load(std::string what, std::string url, std::string script, int connections,
                     std::optional<double> target) {
    Figure rate{.what = fmt::format("{}, {} in flight", what, connections),
                .unit = "/s",
                .runs = {},
                .target = target};
    Figure late{.what = what + ", p99",
                .unit = "ms",
                .runs = {},
                .target = std::nullopt,
                .higher_is_better = false};
    for (int i = 0; i < options_.runs; ++i) {
      AUTERITY_CO_TRY(result, co_await once(url, script, connections));
      rate.runs.push_back(result.requests_a_second);
      late.runs.push_back(result.p99_ms);
    }
    report_.add(std::move(rate));
    report_.add(std::move(late));
    co_return Status();
  }

  Async<Status> latency(std::string what, std::string url, double target) {
    Figure figure{.what = std::move(what),
                  .unit = "ms",
                  .runs = {},
                  .target = target,
                  .higher_is_better = false};
    for (int i = 0; i < options_.runs; ++i) {
      AUTERITY_CO_TRY(result, co_await once(url, post_script(subject_, R"({"input":{}})", ""), 1));
      figure.runs.push_back(result.p50_ms);
    }
    report_.add(std::move(figure));
    co_return Status();
  }

  Async<Status> bulk(const std::string& id) {
    constexpr int kInputs = 1000;
    std::string inputs;
    for (int i = 0; i < kInputs; ++i) inputs += fmt::format("{}{{\"n\":{}}}", i == 0 ? "" : ",", i);
    Figure figure{.what = "started in bulk, 1,000 inputs a request",
                  .unit = "/s",
                  .runs = {},
                  .target = 40000};
    for (int i = 0; i < options_.runs; ++i) {
      AUTERITY_CO_TRY(
          result,
          co_await once(execute(id) + "/bulk",
                        post_script(subject_, fmt::format("{{\"inputs\":[{}]}}", inputs), ""), 4));
      figure.runs.push_back(result.requests_a_second * kInputs);
    }
    report_.add(std::move(figure));
    co_return Status();
  }

  Async<Status> row_writes() {
    AUTERITY_CO_TRY(id, co_await subject_.publish(mostly_pure(subject_.api() + "/api/health")));
    AUTERITY_CO_TRY(execution, co_await subject_.execute(id));
    AUTERITY_CO_TRY(writes, co_await count_row_writes(database_, std::move(execution)));
    report_.add({.what = "rows written by 100 pure tasks and 3 calls",
                 .unit = "rows",
                 .runs = {writes},
                 .target = 8,
                 .higher_is_better = false});
    co_return Status();
  }

  // Pages of 50 from among many rows, one request at a time.
  Async<Status> many_rows(std::vector<std::string> workflows) {
    AUTERITY_CO_CHECK(co_await add_ended_executions(database_, workflows, options_.rows));
    const std::string list = subject_.api() + "/api/executions?limit=50";
    const std::map<std::string, std::string> pages{
        {"newest", ""},
        {"of one workflow", "&workflow_id=" + workflows.front()},
        {"faulted", "&status=faulted"},
        {"completed of one workflow", "&status=completed&workflow_id=" + workflows.front()}};
    for (const auto& [name, filter] : pages) {
      Figure late{.what = fmt::format("listing among {} executions, {}, p99", options_.rows, name),
                  .unit = "ms",
                  .runs = {},
                  .target = 5,
                  .higher_is_better = false};
      for (int i = 0; i < options_.runs; ++i) {
        AUTERITY_CO_TRY(result, co_await once(list + filter, get_script(subject_), 1));
        late.runs.push_back(result.p99_ms);
      }
      report_.add(std::move(late));
    }
    co_return Status();
  }

  // Resident memory in MiB of the API process.
  double resident() const {
    std::ifstream status(fmt::format("/proc/{}/statm", subject_.api_pid()));
    long total = 0, pages = 0;
    status >> total >> pages;
    return static_cast<double>(pages * ::sysconf(_SC_PAGESIZE)) / (1 << 20);
  }

  Async<Status> turning_back() {
    AUTERITY_CO_TRY(all, co_await measure_turning_back({context_, subject_.front()}));
    std::ranges::sort(all);
    for (const auto& [name, place] :
         {std::pair{"p50", all.size() / 2}, std::pair{"p99", all.size() - 1 - all.size() / 100}})
      report_.add({.what = fmt::format("requests back to the old release, {} of {}, under load",
                                       name, all.size()),
                   .unit = "ms",
                   .runs = {all[place]},
                   .target = 100,
                   .higher_is_better = false});
    co_return Status();
  }

  Async<Status> start_up() {
    report_.add({.what = "resident memory of the API process after the loads",
                 .unit = "MiB",
                 .runs = {resident()},
                 .target = std::nullopt,
                 .higher_is_better = false});
    Figure start{.what = "API process: start to first 200",
                 .unit = "ms",
                 .runs = {},
                 .target = 100,
                 .higher_is_better = false};
    Figure memory{.what = "API process: resident memory when idle",
                  .unit = "MiB",
                  .runs = {},
                  .target = 40,
                  .higher_is_better = false};
    for (int i = 0; i < options_.runs; ++i) {
      AUTERITY_CO_CHECK(co_await subject_.restart_api());
      start.runs.push_back(subject_.start_milliseconds());
      memory.runs.push_back(resident());
    }
    report_.add(std::move(start));
    report_.add(std::move(memory));
    co_return Status();
  }

  operations::LocalContext& context_;
  Processes& processes_;
  Subject& subject_;
  data::Database& database_;
  Report& report_;
  Options options_;
};

std::string machine() {
  std::ifstream info("/proc/cpuinfo");
  std::string line, model = "unknown processor";
  while (std::getline(info, line))
    if (line.starts_with("model name")) model = line.substr(line.find(':') + 2);
  return fmt::format("{}, {} cores", model, ::sysconf(_SC_NPROCESSORS_ONLN));
}

Async<int> measure(boost::asio::io_context& io, Options options) {
  SystemClock clock;
  SystemProcesses processes(clock);
  DiskFiles files;
  const auto http = make_curl_http_client(io.get_executor());
  const auto described =
      co_await processes.run({.arguments = {"git", "describe", "--always", "--dirty"}});
  Report report(machine(),
                described ? described->output.substr(0, described->output.find('\n')) : "unknown");
  Subject subject(processes, *http, files, clock,
                  std::filesystem::absolute(options.binary).string());
  const auto log = make_stream_log(clock, standard_error_sink(),
                                   {.format = LogFormat::text, .level = LogLevel::warning});
  Status status = co_await subject.start();
  auto layout = local::make_layout(
      {.auterity_home = subject.home().string(), .user_id = ::geteuid(), .working_directory = "/"},
      "development");
  if (!layout) status = std::unexpected(layout.error());
  if (status) {
    SystemRandom random;
    operations::LocalContext context{.executor = io.get_executor(),
                                     .files = files,
                                     .processes = processes,
                                     .clock = clock,
                                     .random = random,
                                     .http = *http,
                                     .log = *log,
                                     .program = std::filesystem::absolute(options.binary),
                                     .user_id = ::geteuid(),
                                     .layout = std::move(*layout)};
    const auto database = data::open_database(
        io.get_executor(), clock, *log,
        {.url = subject.database_url(), .statement_timeout = std::chrono::minutes(10)});
    status = co_await Session(context, subject, *database, report, options).run();
    co_await database->close();
  }
  co_await subject.stop();
  std::cout << report.table();
  if (!options.json.empty()) std::ofstream(options.json) << to_pretty_text(report.json()) << "\n";
  if (status) co_return 0;
  std::cerr << "error: " << status.error().message << "\nhint: " << status.error().hint << "\n";
  co_return 1;
}

}  // namespace
}  // namespace auterity::benchmark

int main(int argc, char** argv) {
  auterity::benchmark::Options options;
  const std::map<std::string, int*> numbers{
      {"--runs", &options.runs}, {"--seconds", &options.seconds}, {"--rows", &options.rows}};
  const std::map<std::string, std::string*> texts{{"--json", &options.json},
                                                  {"--binary", &options.binary}};
  for (int i = 1; i + 1 < argc; i += 2) {
    if (numbers.contains(argv[i]))
      *numbers.at(argv[i]) = std::max(1, std::atoi(argv[i + 1]));
    else if (texts.contains(argv[i]))
      *texts.at(argv[i]) = argv[i + 1];
    else
      argc = 0;
  }
  if (argc % 2 == 0) {
    std::cerr << "error: unknown option\nhint: platform_benchmark [--runs N] [--seconds N] [--json "
                 "FILE] [--binary FILE] [--rows N]\n";
    return 2;
  }
  boost::asio::io_context io;
  int code = 1;
  boost::asio::co_spawn(io, auterity::benchmark::measure(io, options),
                        [&](std::exception_ptr error, int result) {
                          if (error) std::rethrow_exception(error);
                          code = result;
                        });
  io.run();
  return code;
}
