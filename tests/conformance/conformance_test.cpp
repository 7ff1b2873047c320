// Every scenario of scenarios/*.yaml, one test each.
#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>

#include "harness/program.h"
#include "scenario_run.h"

namespace auterity::conformance {
namespace {

std::vector<Scenario> all_scenarios() {
  const char* source = std::getenv("AUTERITY_SOURCE_DIR");
  if (source == nullptr) return {};
  return load_scenarios(std::string(source) + "/tests/conformance/scenarios");
}

// "ctk.yaml", "Set task" to "ctk_Set_task", the only characters that GoogleTest allows.
std::string test_name(const Scenario& scenario) {
  std::string name = scenario.file.substr(0, scenario.file.find('.')) + "_" + scenario.name;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
}

class ConformanceTest : public testing::TestWithParam<Scenario> {};

TEST_P(ConformanceTest, Holds) {
  if (!GetParam().skip.empty()) GTEST_SKIP() << GetParam().skip;
  ASSERT_FALSE(harness::program_path().empty()) << "AUTERITY_BINARY says where the program is";
  run_scenario(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Scenarios, ConformanceTest, testing::ValuesIn(all_scenarios()),
                         [](const auto& info) { return test_name(info.param); });

}  // namespace
}  // namespace auterity::conformance
