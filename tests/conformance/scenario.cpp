#include "scenario.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <set>
#include <sstream>
#include <stdexcept>

#include "engine/definition/parser.h"

namespace auterity::conformance {
namespace {

std::string read_text(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

void check_members(const Json& value, const std::set<std::string>& known,
                   const std::string& where) {
  for (const auto& member : value.as_object())
    if (!known.contains(std::string(member.key())))
      throw std::runtime_error(where + ": unknown member " + std::string(member.key()));
}

std::string text_of(const Json& value, std::string_view key) {
  return std::string(string_or(find_member(value, key), ""));
}

std::vector<std::string> texts_of(const Json& value, std::string_view key) {
  std::vector<std::string> texts;
  if (const Json* list = find_member(value, key))
    for (const Json& item : list->as_array()) texts.emplace_back(item.as_string());
  return texts;
}

JsonObject object_of(const Json& value, std::string_view key) {
  const Json* member = find_member(value, key);
  return member ? member->as_object() : JsonObject();
}

Scenario::Expectation read_expectation(const Json& value, const std::string& where) {
  check_members(value,
                {"exit", "output", "has", "values", "counts", "fault", "order", "first", "last",
                 "events", "errors", "absent", "requests"},
                where);
  Scenario::Expectation expect;
  if (const Json* exit = find_member(value, "exit"))
    expect.exit = static_cast<int>(exit->as_int64());
  if (const Json* output = find_member(value, "output")) {
    expect.has_output = true;
    expect.output = *output;
  }
  expect.has = texts_of(value, "has");
  expect.values = object_of(value, "values");
  expect.counts = object_of(value, "counts");
  expect.fault = object_of(value, "fault");
  expect.order = texts_of(value, "order");
  expect.first = text_of(value, "first");
  expect.last = text_of(value, "last");
  expect.events = texts_of(value, "events");
  expect.errors = texts_of(value, "errors");
  expect.absent = texts_of(value, "absent");
  if (const Json* requests = find_member(value, "requests")) expect.requests = requests->as_array();
  if (!expect.fault.empty() && !find_member(value, "exit")) expect.exit = 1;
  return expect;
}

Scenario read_scenario(const Json& value, const std::string& file) {
  const std::string where = file + ": " + text_of(value, "name");
  check_members(value, {"name", "skip", "definition", "input", "options", "files", "expect"},
                where);
  Scenario scenario{.file = file,
                    .name = text_of(value, "name"),
                    .skip = text_of(value, "skip"),
                    .definition = text_of(value, "definition"),
                    .input = {},
                    .options = texts_of(value, "options"),
                    .files = {},
                    .expect = {}};
  if (const Json* input = find_member(value, "input")) scenario.input = *input;
  for (const auto& entry : object_of(value, "files"))
    scenario.files.emplace_back(entry.key(), entry.value().as_string());
  if (scenario.name.empty() || scenario.definition.empty())
    throw std::runtime_error(where + ": name and definition are needed");
  const Json* expect = find_member(value, "expect");
  if (expect) scenario.expect = read_expectation(*expect, where);
  if (!expect && scenario.skip.empty()) throw std::runtime_error(where + ": expects nothing");
  return scenario;
}

}  // namespace

void PrintTo(const Scenario& scenario, std::ostream* out) {
  *out << scenario.file << ": " << scenario.name;
}

std::vector<Scenario> load_scenarios(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<Scenario> scenarios;
  for (const auto& path : paths) {
    const auto document = engine::parse_document(read_text(path));
    if (!document)
      throw std::runtime_error(engine::to_text(document.error().front(), path.string()));
    for (const Json& value : document->as_array())
      scenarios.push_back(read_scenario(value, path.filename().string()));
  }
  return scenarios;
}

}  // namespace auterity::conformance
