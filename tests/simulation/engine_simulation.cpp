// engine_simulation [--seeds N] [--first S] [--seed S] [--sabotage NAME|all]
//
// Runs seeds 1…N (2,000 by default) and stops at the first that breaks an invariant, with the
// command that replays it. --seed S runs that one alone and prints its story. --sabotage breaks the
// store on purpose and succeeds when the simulation notices.
#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <vector>

#include "engine_scenario.h"

namespace auterity::simulation {
namespace {

using harness::Sabotage;

struct Choice {
  std::string_view name;
  Sabotage sabotage;
};
constexpr Choice kSabotages[] = {{"ignore_term", Sabotage::ignore_term},
                                 {"save_twice", Sabotage::save_twice},
                                 {"forget_start", Sabotage::forget_start},
                                 {"forget_resume", Sabotage::forget_resume}};

struct Arguments {
  std::uint64_t first = 1;
  std::uint64_t seeds = 2000;
  bool single = false;
  std::string_view sabotage;
};

bool read_number(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

bool read_arguments(const std::vector<std::string_view>& words, Arguments& arguments) {
  for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
    const std::string_view name = words[i];
    const std::string_view value = words[i + 1];
    if (name == "--seeds") {
      if (!read_number(value, arguments.seeds)) return false;
    } else if (name == "--first" || name == "--seed") {
      if (!read_number(value, arguments.first)) return false;
      arguments.single |= name == "--seed";
    } else if (name == "--sabotage") {
      arguments.sabotage = value;
    } else {
      return false;
    }
  }
  if (arguments.single) arguments.seeds = 1;
  return words.size() % 2 == 0;
}

ScenarioOutcome run_seed(std::uint64_t seed, Sabotage sabotage, bool traced) {
  ScenarioOptions options;
  options.seed = seed;
  options.sabotage = sabotage;
  if (traced) options.trace = [](const std::string& line) { std::cout << line << "\n"; };
  return EngineScenario(std::move(options)).run();
}

void add(ScenarioOutcome& total, const ScenarioOutcome& one) {
  total.started += one.started;
  total.crashes += one.crashes;
  total.checkpoints += one.checkpoints;
  total.repetitions += one.repetitions;
  total.requests += one.requests;
}

// The first seed that breaks an invariant, or 0.
std::uint64_t search(const Arguments& arguments, Sabotage sabotage, ScenarioOutcome& total) {
  for (std::uint64_t i = 0; i < arguments.seeds; ++i) {
    const std::uint64_t seed = arguments.first + i;
    const ScenarioOutcome outcome = run_seed(seed, sabotage, arguments.single);
    add(total, outcome);
    if (outcome.violations.empty()) continue;
    // Of a store broken on purpose one word is enough.
    const std::size_t shown = sabotage == Sabotage::none ? outcome.violations.size() : 1;
    for (std::size_t k = 0; k < shown; ++k)
      std::cout << "seed " << seed << ": " << outcome.violations[k] << "\n";
    return seed;
  }
  return 0;
}

int look_for_violations(const Arguments& arguments, std::string_view program) {
  ScenarioOutcome total;
  const std::uint64_t failed = search(arguments, Sabotage::none, total);
  std::cout << fmt::format(
      "{} executions started, {} crashes, {} checkpoints ({} repeated), {} requests to the world\n",
      total.started, total.crashes, total.checkpoints, total.repetitions, total.requests);
  if (failed == 0) {
    std::cout << fmt::format("seeds {} to {}: every invariant held\n", arguments.first,
                             arguments.first + arguments.seeds - 1);
    return 0;
  }
  std::cout << "replay it with: " << program << " --seed " << failed << "\n";
  return 1;
}

int look_for_sabotage(const Arguments& arguments) {
  int missed = 0;
  for (const Choice& choice : kSabotages) {
    if (arguments.sabotage != "all" && arguments.sabotage != choice.name) continue;
    ScenarioOutcome total;
    const std::uint64_t found = search(arguments, choice.sabotage, total);
    if (found == 0) ++missed;
    std::cout << choice.name
              << (found == 0 ? ": NOT noticed\n" : fmt::format(": noticed by seed {}\n", found));
  }
  return missed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace auterity::simulation

int main(int argument_count, char** argument_values) {
  using namespace auterity::simulation;
  Arguments arguments;
  if (!read_arguments({argument_values + 1, argument_values + argument_count}, arguments)) {
    std::cerr
        << "usage: engine_simulation [--seeds N] [--first S] [--seed S] [--sabotage NAME|all]\n";
    return 2;
  }
  return arguments.sabotage.empty() ? look_for_violations(arguments, argument_values[0])
                                    : look_for_sabotage(arguments);
}
