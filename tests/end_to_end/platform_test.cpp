// The platform's ordinary life: up, used, up again, down, up again with its data; two environments
// side by side; what is refused.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>

#include "harness/loopback_port.h"
#include "harness/server_process.h"
#include "harness/source_folder.h"
#include "machine.h"

namespace auterity::end_to_end {
namespace {

std::string text_of(const Json& value, std::string_view member) {
  return std::string(string_or(find_member(value, member), ""));
}

std::vector<std::string> component_names(const Json& status) {
  std::vector<std::string> names;
  for (const Json& component : find_member(status, "components")->get_array())
    names.push_back(text_of(component, "name"));
  return names;
}

void expect_credentials_kept_close(Machine& machine, const harness::ProgramOutcome& up) {
  const Json credentials = machine.credentials();
  for (const std::string_view member :
       {"api_url", "email", "password", "database_url", "redis_url"})
    EXPECT_FALSE(text_of(credentials, member).empty()) << member;
  struct stat facts{};
  ASSERT_EQ(::stat((machine.state() / "credentials.json").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  const std::string everything =
      up.output + up.error_output +
      machine.auterity({"operations", "show", "latest", "--json"}).output;
  for (const std::string_view member : {"password", "database_url", "redis_url", "jwt_secret_key"})
    EXPECT_EQ(everything.find(text_of(credentials, member)), std::string::npos) << member;
}

void expect_everything_running(Machine& machine, const std::string& port) {
  const Json status = machine.status();
  EXPECT_EQ(text_of(status, "environment"), "development");
  EXPECT_EQ(text_of(status, "colour"), "blue");
  EXPECT_EQ(text_of(status, "url"), "http://localhost:" + port);
  EXPECT_EQ(text_of(status, "health"), "healthy");
  EXPECT_EQ(component_names(status),
            (std::vector<std::string>{"postgres", "wal-shipper", "redis", "api-1", "api-2",
                                      "worker-1", "nginx", "haproxy"}));
  for (const Json& component : find_member(status, "components")->get_array()) {
    EXPECT_EQ(text_of(component, "state"), "running") << text_of(component, "name");
    EXPECT_FALSE(text_of(component, "since").empty());
  }
}

void expect_sample_runs(Machine& machine) {
  const auto sample = machine.auterity(
      {"execute", (harness::source_folder() / "examples/platform-report.yaml").string(), "--url-as",
       "base_url"});
  ASSERT_EQ(sample.exit_code, 0) << sample.error_output;
  const auto report = parse_json(sample.output);
  ASSERT_TRUE(report) << sample.output;
  EXPECT_EQ(text_of(*report, "verdict"), "healthy") << sample.output;
}

std::size_t executions_kept(Machine& machine, const std::string& url) {
  HttpRequest list;
  list.url = url + "/api/executions?limit=10";
  list.headers = {{"authorization", "Bearer " + machine.token(url)}};
  const auto answer = machine.send(std::move(list));
  const auto page = answer ? parse_json(answer->body) : Result<Json>(Json(nullptr));
  const Json* items = page ? find_member(*page, "items") : nullptr;
  EXPECT_NE(items, nullptr) << (answer ? answer->body : answer.error().message);
  return items != nullptr && items->is_array() ? items->get_array().size() : 0;
}

// What every replica measured, added up, as a monitor reads it.
void expect_metrics_clean(Machine& machine, const std::string& url) {
  const auto promtool = harness::ServerProcess::find_program("promtool");
  if (!promtool) {
    GTEST_LOG_(WARNING) << "the metrics were not judged: promtool is missing (apt-get install "
                           "prometheus)";
    return;
  }
  HttpRequest scrape;
  scrape.url = url + "/metrics";
  const auto page = machine.send(std::move(scrape));
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->status, 200) << page->body;
  EXPECT_NE(page->body.find("http_requests_total{"), std::string::npos);
  ProcessRequest check;
  check.arguments = {*promtool, "check", "metrics"};
  check.input = page->body;
  harness::EventLoop loop;
  SystemClock clock;
  SystemProcesses processes(clock);
  const auto verdict = loop.run(processes.run(std::move(check)));
  ASSERT_TRUE(verdict) << verdict.error().message;
  EXPECT_EQ(verdict->exit_code, 0) << verdict->output << verdict->error_output;
}

// What is kept in the state folder of ports and places.
Json kept_facts(const Machine& machine) {
  std::ifstream in(machine.state() / "services/platform.json");
  auto facts = parse_json(std::string(std::istreambuf_iterator<char>(in), {}));
  return facts ? std::move(*facts) : Json(JsonObject{});
}

std::string run_folder(const Machine& machine) { return text_of(kept_facts(machine), "run"); }

TEST(Platform, LivesThroughUpUseDownAndUpAgain) {
  AUTERITY_NEEDS_PLATFORM();
  Machine machine;
  const std::string port = std::to_string(harness::find_free_loopback_port());
  const std::string url = "http://127.0.0.1:" + port;

  const auto plan = machine.auterity({"up", "--port", port, "--plan"});
  const auto up = machine.auterity({"up", "--port", port, "--reason", "to see it run"});
  ASSERT_EQ(up.exit_code, 0) << up.error_output;
  EXPECT_NE(up.output.find("http://localhost:" + port), std::string::npos);
  EXPECT_NE(up.output.find("credentials.json"), std::string::npos);
  EXPECT_NE(plan.output.find("PostgreSQL on 127.0.0.1:" +
                             to_text(*find_member(kept_facts(machine), "postgres_port")) + "\n"),
            std::string::npos)
      << "the plan was not what was done: " << plan.output;
  EXPECT_EQ(machine.get(url + "/api/health"), 200);
  EXPECT_EQ(machine.get(url + "/"), 200) << "the web interface";
  expect_credentials_kept_close(machine, up);
  expect_everything_running(machine, port);
  expect_sample_runs(machine);
  expect_sample_runs(machine);
  expect_metrics_clean(machine, url);

  const auto again = machine.auterity({"up"});
  EXPECT_EQ(again.exit_code, 0) << again.error_output;
  EXPECT_NE(again.output.find("nothing to do"), std::string::npos) << again.output;

  const auto down = machine.auterity({"down"});
  ASSERT_EQ(down.exit_code, 0) << down.error_output;
  EXPECT_EQ(machine.get(url + "/api/health"), 0);
  EXPECT_TRUE(machine.processes().empty()) << "nothing is left running";
  EXPECT_EQ(text_of(machine.component("postgres"), "state"), "stopped");
  EXPECT_NE(machine.auterity({"down"}).output.find("nothing to do"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(run_folder(machine))) << "its sockets are gone";
  const auto token = machine.auterity({"token"});
  EXPECT_EQ(token.exit_code, 6);
  EXPECT_NE(token.error_output.find("hint: start the platform: auterity up"), std::string::npos)
      << token.error_output;

  const auto back = machine.auterity({"up"});
  ASSERT_EQ(back.exit_code, 0) << back.error_output;
  EXPECT_EQ(executions_kept(machine, url), 2u) << "its data stayed";
}

TEST(Platform, TwoEnvironmentsLiveSideBySideAndSizesChangeInPlace) {
  AUTERITY_NEEDS_PLATFORM();
  Machine machine;
  const std::string first = std::to_string(harness::find_free_loopback_port());
  ASSERT_EQ(machine.auterity({"up", "--port", first, "--replicas", "1"}).exit_code, 0);

  const auto refused = machine.auterity({"up", "-e", "staging", "--port", first});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_NE(refused.error_output.find("is taken by haproxy"), std::string::npos)
      << refused.error_output;
  EXPECT_NE(refused.error_output.find("--port"), std::string::npos);

  const std::string second = std::to_string(harness::find_free_loopback_port());
  const auto up = machine.auterity(
      {"up", "-e", "staging", "--port", second, "--replicas", "1", "--workers", "0", "--yes"});
  ASSERT_EQ(up.exit_code, 0) << up.error_output;
  EXPECT_EQ(machine.get("http://127.0.0.1:" + first + "/api/health/readiness"), 200);
  EXPECT_EQ(machine.get("http://127.0.0.1:" + second + "/api/health/readiness"), 200);
  EXPECT_NE(text_of(machine.credentials(), "database_url"),
            text_of(machine.credentials("staging"), "database_url"));
  ASSERT_EQ(machine.auterity({"down", "-e", "staging", "--yes"}).exit_code, 0);
  EXPECT_EQ(machine.get("http://127.0.0.1:" + first + "/api/health/readiness"), 200);

  const auto grown = machine.auterity({"up", "--replicas", "2", "--workers", "2"});
  ASSERT_EQ(grown.exit_code, 0) << grown.error_output;
  EXPECT_EQ(component_names(machine.status()),
            (std::vector<std::string>{"postgres", "wal-shipper", "redis", "api-1", "api-2",
                                      "worker-1", "worker-2", "nginx", "haproxy"}));
  const auto shrunk = machine.auterity({"up", "--replicas", "1", "--workers", "1"});
  ASSERT_EQ(shrunk.exit_code, 0) << shrunk.error_output;
  EXPECT_EQ(component_names(machine.status()),
            (std::vector<std::string>{"postgres", "wal-shipper", "redis", "api-1", "worker-1",
                                      "nginx", "haproxy"}));
}

TEST(Platform, RefusesWhatCannotBeAndSaysWhatToDo) {
  AUTERITY_NEEDS_PLATFORM();
  Machine machine;
  const auto expect = [&](std::vector<std::string> arguments, int exit_code,
                          std::string_view said) {
    const auto outcome = machine.auterity(arguments);
    EXPECT_EQ(outcome.exit_code, exit_code) << fmt::format("{}", fmt::join(arguments, " "));
    EXPECT_NE(outcome.error_output.find(said), std::string::npos) << outcome.error_output;
    EXPECT_NE(outcome.error_output.find("hint: "), std::string::npos);
  };
  expect({"status"}, 4, "was never started");
  expect({"down"}, 4, "was never started");
  expect({"up", "-e", "prodution"}, 4, "there is no environment named prodution");
  expect({"up", "-e", "../x"}, 2, "cannot be the name of an environment");
  expect({"up", "--port", "70000"}, 2, "--port");
  expect({"operations", "show", "latest"}, 4, "no operation was begun");
  expect({"up", "-e", "production"}, 2, "production");

  const auto plan = machine.auterity({"up", "--plan"});
  EXPECT_EQ(plan.exit_code, 0) << plan.error_output;
  EXPECT_NE(plan.output.find("postgres-cluster"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(machine.state())) << "a plan touches nothing";

  // Somebody else's operation holds the lock.
  std::filesystem::create_directories(machine.state() / "operations");
  const int lock =
      ::open((machine.state() / "operations/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  ASSERT_EQ(::flock(lock, LOCK_EX | LOCK_NB), 0);
  expect({"up", "--port", std::to_string(harness::find_free_loopback_port())}, 5,
         "another operation");
  ::close(lock);
}

}  // namespace
}  // namespace auterity::end_to_end
