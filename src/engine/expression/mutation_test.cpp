// Seeded mutations of expressions: the balance check never lets one escape the brackets around it,
// and never lets one through that libjq would read past its end. A failing seed is printed; set
// AUTERITY_SEED to replay it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

#include "core/random.h"
#include "engine/expression/balance.h"
#include "engine/expression/evaluator_pool.h"
#include "engine/expression/scanner.h"
#include "harness/evaluator_command.h"
#include "harness/event_loop.h"

namespace auterity::engine {
namespace {

constexpr std::array<std::string_view, 14> originals = {
    ".a.b[0]",
    "\"a\\(.b | \"c\\(1)\")d\"",
    "[.[] | select(.x > 1)] # all\n| length",
    "{a: (1), \"b\": [2]}",
    "reduce .[] as [$x, {y: $z}] (0; . + $x)",
    "if . then 1 elif 2 then 3 else 4 end",
    "@base64 \"x\\(.y)\"",
    "def f($p; g): [$p, g]; f(1; 2)",
    "try error(\"x\") catch .",
    ".. | .a? // \"\\\"\"",
    "$context.x + $item",
    "label $out | foreach .[] as $i (0; 1; break $out)",
    "\"\\u00e9\\\\\"",
    "1 as $x | # c\n$x"};
constexpr std::array<std::string_view, 22> pieces = {
    "(",  ")", "[", "]",    "{",     "}",  "\"", "\\",  "\\(",     "#",   "\n",
    "\r", "$", "|", "\\\n", "\"\\(", "as", ";",  "\\u", ")|env|(", "end", "."};

std::string mutated(Random& random) {
  std::string text(originals[random.below(originals.size())]);
  for (auto left = random.below(6); left > 0; --left) {
    std::size_t at = random.below(text.size() + 1);
    switch (random.below(4)) {
      case 0:
        if (at < text.size()) text.erase(at, 1 + random.below(3));
        break;
      case 1:
        text.insert(at, pieces[random.below(pieces.size())]);
        break;
      case 2: {
        std::string_view other = originals[random.below(originals.size())];
        text.insert(at, other.substr(random.below(other.size())));
        break;
      }
      default:
        if (at < text.size()) text[at] = static_cast<char>(random.below(256));
    }
  }
  return text;
}

std::uint64_t first_seed() {
  const char* given = std::getenv("AUTERITY_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
}

TEST(ExpressionMutation, WhatIsBalancedStaysInsideItsBrackets) {
  std::size_t accepted = 0;
  for (std::uint64_t seed = first_seed(); seed < first_seed() + 50'000; ++seed) {
    SeededRandom random(seed);
    std::string text = mutated(random);
    if (!inspect_expression(text)) continue;
    ++accepted;
    std::string wrapped = "(" + text + "\n)";
    ASSERT_TRUE(inspect_expression(wrapped)) << "AUTERITY_SEED=" << seed << "\n" << text;
    ASSERT_FALSE(inspect_expression(wrapped + ")")) << "AUTERITY_SEED=" << seed << "\n" << text;
    ASSERT_FALSE(inspect_expression("(" + wrapped)) << "AUTERITY_SEED=" << seed << "\n" << text;
  }
  EXPECT_GT(accepted, 5'000u);
}

// libjq itself as the judge: neighbours of a mutated expression in the same program are not
// affected by it.
TEST(ExpressionMutation, NeighboursInOneProgramAreNotAffected) {
  harness::EventLoop loop;
  SystemClock clock;
  EvaluatorOptions options;
  options.command = harness::evaluator_command();
  options.evaluation_limit = std::chrono::seconds(30);
  options.start_limit = std::chrono::seconds(60);
  auto pool = make_evaluator_pool(loop.executor(), clock, options);
  for (std::uint64_t seed = first_seed(); seed < first_seed() + 10; ++seed) {
    SeededRandom random(seed);
    auto set = std::make_shared<ExpressionSet>();
    std::vector<std::uint32_t> sound;
    for (std::uint64_t i = 0; i < 20; ++i) {
      (void)set->add(mutated(random));
      sound.push_back(*set->add(fmt::format(". + {}", i)));
    }
    set->seal();
    auto definition = std::make_shared<Definition>();
    definition->expressions = set;
    for (std::uint64_t i = 0; i < 20; ++i) {
      auto result = loop.run(pool->evaluate(definition, Template::expression(sound[i]), 1, {}));
      ASSERT_TRUE(result) << "AUTERITY_SEED=" << seed << " " << result.error().message;
      ASSERT_EQ(*result, Json(i + 1)) << "AUTERITY_SEED=" << seed;
    }
  }
  loop.run(pool->stop());
}

}  // namespace
}  // namespace auterity::engine
