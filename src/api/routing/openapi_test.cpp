#include "api/routing/openapi.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <filesystem>
#include <fstream>
#include <set>

#include "api/routes/route_groups.h"
#include "core/system_clock.h"
#include "core/system_processes.h"
#include "harness/event_loop.h"
#include "harness/source_folder.h"
#include "harness/throwaway_folder.h"

namespace auterity::api {
namespace {

void collect_references(const Json& value, std::set<std::string>& references) {
  if (value.is_array())
    for (const Json& element : value.as_array()) collect_references(element, references);
  if (!value.is_object()) return;
  for (const auto& member : value.as_object()) {
    if (member.key() == "$ref") references.insert(std::string(member.value().as_string()));
    collect_references(member.value(), references);
  }
}

TEST(OpenApi, DescribesEveryRoute) {
  const auto routes = api_routes();
  const Json document = make_openapi(routes);
  std::set<std::string_view> names;
  for (const Route& route : routes) {
    std::string method(to_text(route.method));
    std::ranges::transform(method, method.begin(),
                           [](char c) { return static_cast<char>(c + 32); });
    const Json* operation =
        find_pointer(document, "/paths/" + escape_pointer_token(route.path) + "/" + method);
    ASSERT_NE(operation, nullptr) << method << " " << route.path;
    EXPECT_EQ(string_or(find_member(*operation, "operationId"), ""), route.name);
    EXPECT_FALSE(route.summary.empty());
    EXPECT_TRUE(names.insert(route.name).second) << route.name << " names two routes";
    const bool takes_json = route.body == BodyKind::json || route.body == BodyKind::definition;
    EXPECT_EQ(takes_json, !route.request_schema.empty()) << route.path;
    EXPECT_FALSE(route.answers.empty()) << route.path;
  }
}

TEST(OpenApi, RefersOnlyToWhatIsThere) {
  const Json document = make_openapi(api_routes());
  std::set<std::string> references;
  collect_references(document, references);
  for (const std::string& reference : references)
    EXPECT_NE(find_pointer(document, reference.substr(1)), nullptr) << reference;
  for (const auto& schema : find_pointer(document, "/components/schemas")->as_object())
    EXPECT_TRUE(references.contains("#/components/schemas/" + std::string(schema.key())))
        << std::string(schema.key()) << " is used by nothing";
}

// tools/setup test installs the linter when npm is there.
TEST(OpenApi, PassesALinter) {
  const auto program =
      std::filesystem::path(harness::source_folder()) / "build/node/node_modules/.bin/redocly";
  if (!std::filesystem::exists(program))
    GTEST_SKIP() << "no OpenAPI linter at " << program
                 << ": run tools/setup test where npm and a network are there";
  const harness::ThrowawayFolder folder("openapi");
  const auto file = folder.path() / "openapi.json";
  std::ofstream(file) << to_pretty_text(make_openapi(api_routes()));
  SystemClock clock;
  SystemProcesses processes(clock);
  ProcessRequest request;
  request.arguments = {program.string(), "lint", "--extends=recommended", file.string()};
  request.environment = {{"REDOCLY_TELEMETRY", "off"}, {"REDOCLY_SUPPRESS_UPDATE_NOTICE", "true"}};
  harness::EventLoop loop;
  const auto outcome = loop.run(processes.run(std::move(request)));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->exit_code, 0) << outcome->output << outcome->error_output;
}

}  // namespace
}  // namespace auterity::api
