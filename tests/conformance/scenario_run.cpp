#include "scenario_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "harness/program.h"
#include "harness/throwaway_folder.h"
#include "stand_ins.h"

namespace auterity::conformance {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kEventPrefix = "io.serverlessworkflow.";

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

std::string pointer_of(std::string_view path) {
  return path.empty() ? "" : "/" + replaced(std::string(path), ".", "/");
}

std::string read_text(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

void write_text(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

struct Outcome {
  std::string stand_in;  // its address
  harness::ProgramOutcome program;
  std::string events_text;
  std::vector<Json> events;
  std::vector<harness::StandInRequest> requests;
};

// "task.started /do/0/a" of a lifecycle event.
std::string event_name(const Json& event) {
  std::string_view type = string_or(find_member(event, "type"), "");
  if (type.starts_with(kEventPrefix)) type.remove_prefix(kEventPrefix.size());
  if (type.ends_with(".v1")) type.remove_suffix(3);
  const Json* task = find_pointer(event, "/data/task");
  return std::string(type) + (task ? " " + std::string(string_or(task, "")) : "");
}

std::vector<std::string> started_tasks(const std::vector<Json>& events) {
  std::vector<std::string> names;
  for (const Json& event : events) {
    const std::string name = event_name(event);
    if (name.starts_with("task.started ")) names.push_back(name.substr(name.rfind('/') + 1));
  }
  return names;
}

Outcome perform(const Scenario& scenario) {
  harness::StandInServer server(make_stand_ins());
  const harness::ThrowawayFolder folder("conformance");
  const std::string base = folder.path().string();
  const auto filled = [&](const std::string& text) {
    return replaced(text, "{{stand-in}}", server.url());
  };
  write_text(base + "/workflow.yaml", filled(scenario.definition));
  for (const auto& [name, content] : scenario.files) write_text(base + "/" + name, filled(content));
  harness::ProgramRun run{.arguments = {"run", "workflow.yaml", "--events", "events.jsonl"},
                          .input = {},
                          .environment = {},
                          .working_directory = base};
  for (const char* host : {"https://petstore.swagger.io", "https://httpbin.org"})
    run.arguments.insert(run.arguments.end(), {"--override-endpoint", host + ("=" + server.url())});
  if (!scenario.input.is_null())
    run.arguments.insert(run.arguments.end(), {"--input", to_text(scenario.input)});
  for (const std::string& option : scenario.options) run.arguments.push_back(filled(option));
  Outcome outcome{.stand_in = server.url(),
                  .program = harness::run_program(run),
                  .events_text = read_text(base + "/events.jsonl"),
                  .events = {},
                  .requests = server.requests()};
  std::istringstream lines(outcome.events_text);
  for (std::string line; std::getline(lines, line);) {
    auto event = parse_json(line);
    EXPECT_TRUE(event) << "not a JSON line: " << line;
    if (event) outcome.events.push_back(std::move(*event));
  }
  return outcome;
}

// Expectations with the stand-in's address put in are compared as text.
void check_output(const Scenario::Expectation& expect, const std::string& text,
                  const std::string& stand_in) {
  const auto parsed = parse_json(text);
  ASSERT_TRUE(parsed) << "standard output is not one JSON document: " << text;
  if (expect.has_output) EXPECT_EQ(to_canonical_text(*parsed), to_canonical_text(expect.output));
  for (const std::string& path : expect.has)
    EXPECT_NE(find_pointer(*parsed, pointer_of(path)), nullptr)
        << path << " is missing in " << text;
  for (const auto& [path, value] : expect.values) {
    const Json* found = find_pointer(*parsed, pointer_of(path));
    ASSERT_NE(found, nullptr) << std::string_view(path) << " is missing in " << text;
    EXPECT_EQ(to_canonical_text(*found),
              replaced(to_canonical_text(value), "{{stand-in}}", stand_in))
        << std::string_view(path);
  }
  for (const auto& [path, count] : expect.counts) {
    const Json* found = find_pointer(*parsed, pointer_of(path));
    ASSERT_TRUE(found && found->is_array()) << std::string_view(path) << " is no array in " << text;
    EXPECT_EQ(static_cast<std::int64_t>(found->get_array().size()), count.as_int64());
  }
}

void check_fault(const Scenario::Expectation& expect, const std::string& line) {
  if (expect.fault.empty()) return;
  const auto error = parse_json(line);
  ASSERT_TRUE(error) << "the last line of the error output is not JSON: " << line;
  for (const auto& [member, value] : expect.fault) {
    const Json* found = find_member(*error, member);
    ASSERT_NE(found, nullptr) << std::string_view(member) << " is missing in " << line;
    EXPECT_EQ(to_canonical_text(*found), to_canonical_text(value)) << std::string_view(member);
  }
}

void check_events(const Scenario::Expectation& expect, const Outcome& outcome) {
  const auto started = started_tasks(outcome.events);
  if (!expect.order.empty()) EXPECT_EQ(started, expect.order);
  if (!expect.first.empty()) {
    ASSERT_FALSE(started.empty());
    EXPECT_EQ(started.front(), expect.first);
  }
  if (!expect.last.empty()) {
    ASSERT_FALSE(started.empty());
    EXPECT_EQ(started.back(), expect.last);
  }
  if (expect.events.empty()) return;
  std::vector<std::string> names;
  for (const Json& event : outcome.events) names.push_back(event_name(event));
  EXPECT_EQ(names, expect.events);
}

void check_request(const Json& expected, const harness::StandInRequest& seen) {
  for (const auto& [member, value] : expected.as_object()) {
    if (member == "method")
      EXPECT_EQ(seen.method, value.as_string());
    else if (member == "target")
      EXPECT_EQ(seen.target, value.as_string());
    else if (member == "body")
      EXPECT_EQ(seen.body, value.as_string());
    else if (member == "headers")
      for (const auto& [name, content] : value.as_object()) {
        const auto found = seen.headers.find(std::string(name));
        if (content.is_null())
          EXPECT_EQ(found, seen.headers.end()) << std::string_view(name) << " was sent";
        else
          EXPECT_EQ(found == seen.headers.end() ? "" : found->second, content.as_string())
              << std::string_view(name);
      }
    else
      ADD_FAILURE() << "unknown member of an expected request: " << std::string_view(member);
  }
}

void check_requests(const Scenario::Expectation& expect, const Outcome& outcome) {
  if (expect.requests.empty()) return;
  ASSERT_EQ(outcome.requests.size(), expect.requests.size());
  for (std::size_t i = 0; i < expect.requests.size(); ++i)
    check_request(expect.requests[i], outcome.requests[i]);
}

}  // namespace

void run_scenario(const Scenario& scenario) {
  const Outcome outcome = perform(scenario);
  const Scenario::Expectation& expect = scenario.expect;
  ASSERT_EQ(outcome.program.exit_code, expect.exit)
      << outcome.program.error_output << outcome.program.output;
  if (expect.exit == 0)
    check_output(expect, outcome.program.output, outcome.stand_in);
  else
    EXPECT_EQ(outcome.program.output, "") << "a failed run has no result";
  check_fault(expect, outcome.program.last_error_line());
  check_events(expect, outcome);
  check_requests(expect, outcome);
  for (const std::string& text : expect.errors)
    EXPECT_THAT(outcome.program.error_output, HasSubstr(text));
  for (const std::string& text : expect.absent) {
    EXPECT_THAT(outcome.program.output, Not(HasSubstr(text)));
    EXPECT_THAT(outcome.program.error_output, Not(HasSubstr(text)));
    EXPECT_THAT(outcome.events_text, Not(HasSubstr(text)));
  }
}

}  // namespace auterity::conformance
