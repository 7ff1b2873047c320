// What is evaluated natively must be what jq would have said: the same paths and literals, on
// random data, both ways.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <set>

#include "core/random.h"
#include "engine/expression/evaluator_pool.h"
#include "engine/expression/native.h"
#include "harness/evaluator_command.h"
#include "harness/event_loop.h"

namespace auterity::engine {
namespace {

constexpr std::uint64_t seed = 20261124;
constexpr std::array<std::string_view, 6> keys = {"a", "b", "x y", "and", "ü\"\\", ""};

Json random_value(Random& random, int depth) {
  switch (random.below(depth > 0 ? 9 : 7)) {
    case 0:
      return nullptr;
    case 1:
      return random.below(2) == 0;
    case 2:
      return static_cast<std::int64_t>(random.below(2000)) - 1000;
    case 3:
      return static_cast<double>(random.below(1000)) / 8 + 0.5 / 16;
    case 4:
      return static_cast<std::int64_t>(random.below(1ull << 53));
    case 5:
      return Json(std::string(random.below(5), 'z') + "\u00e9\n\"");
    case 6:
      return Json("");
    case 7: {
      JsonArray array;
      for (auto left = random.below(5); left > 0; --left)
        array.push_back(random_value(random, depth - 1));
      return array;
    }
    default: {
      JsonObject object;
      for (auto left = random.below(5); left > 0; --left) {
        object[keys[random.below(keys.size())]] = random_value(random, depth - 1);
      }
      return object;
    }
  }
}

std::string random_path(Random& random) {
  std::string path = random.below(3) == 0 ? "$context" : ".";
  bool after_dot = path == ".";
  for (auto left = random.below(5); left > 0; --left) {
    std::string_view key = keys[random.below(keys.size())];
    switch (random.below(4)) {
      case 0:
        path += fmt::format("{}{}", after_dot ? "" : ".", random.below(2) == 0 ? "a" : "and");
        break;
      case 1:
        path += fmt::format("[{}]", static_cast<int>(random.below(9)) - 4);
        break;
      case 2:
        path += fmt::format("[{}]", to_text(Json(key)));
        break;
      default:
        path += fmt::format("{}{}", after_dot ? "" : ".", to_text(Json(key)));
    }
    after_dot = false;
  }
  return path;
}

class EquivalenceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    EvaluatorOptions options;
    options.command = harness::evaluator_command();
    options.evaluation_limit = std::chrono::seconds(30);
    options.start_limit = std::chrono::seconds(60);
    pool_ = make_evaluator_pool(loop_.executor(), clock_, options);
  }
  void TearDown() override { loop_.run(pool_->stop()); }

  // Compares every text with "(text)", which has no native form but means the same.
  void expect_same(const std::vector<std::string>& texts, const Json& data,
                   const Arguments& arguments) {
    auto set = std::make_shared<ExpressionSet>();
    std::vector<std::uint32_t> indexes;
    for (const std::string& text : texts) {
      auto index = set->add("(" + text + ")");
      ASSERT_TRUE(index) << text;
      indexes.push_back(*index);
    }
    set->seal();
    auto definition = std::make_shared<Definition>();
    definition->expressions = set;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::string& text = texts[i];
      Expression native = parse_native(text);
      ASSERT_TRUE(native.native) << text;
      auto by_jq =
          loop_.run(pool_->evaluate(definition, Template::expression(indexes[i]), data, arguments));
      auto natively = evaluate_native(native, data, arguments);
      ASSERT_EQ(natively.has_value(), by_jq.has_value()) << text << " on " << to_text(data);
      if (natively) {
        ASSERT_EQ(to_text(*natively), to_text(*by_jq)) << text << " on " << to_text(data);
      } else {
        auto reason = [](const Error& error) {
          return error.message.substr(error.message.rfind(" failed: "));
        };
        ASSERT_EQ(reason(natively.error()), reason(by_jq.error()))
            << text << " on " << to_text(data);
      }
    }
  }

  harness::EventLoop loop_;
  SystemClock clock_;
  std::unique_ptr<EvaluatorPool> pool_;
};

TEST_F(EquivalenceTest, PathsOnRandomData) {
  SeededRandom random(seed);
  std::set<std::string> texts;
  while (texts.size() < 200) texts.insert(random_path(random));
  std::vector<std::string> paths(texts.begin(), texts.end());
  for (int round = 0; round < 25; ++round) {
    Arguments arguments;
    arguments.context = random_value(random, 4);
    expect_same(paths, random_value(random, 4), arguments);
  }
}

TEST_F(EquivalenceTest, Literals) {
  SeededRandom random(seed);
  std::set<std::string> texts = {"0",
                                 "-1",
                                 "1.0",
                                 "1e3",
                                 "1E-3",
                                 "0.1",
                                 "123456789.25",
                                 "\"\\u00e9\\n\\\"\"",
                                 "true",
                                 "false",
                                 "null",
                                 "[]",
                                 "{}",
                                 "[1,[2]]",
                                 "{\"a\":{\"b\":-1.50}}",
                                 "\"\\ud83d\\ude00\"",
                                 "1e308",
                                 "-0"};
  while (texts.size() < 100) texts.insert(to_text(random_value(random, 3)));
  expect_same({texts.begin(), texts.end()}, nullptr, {});
}

}  // namespace
}  // namespace auterity::engine
