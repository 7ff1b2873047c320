#include "engine/expression/evaluator_pool.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>
#include <filesystem>

#include "harness/evaluator_command.h"
#include "harness/event_loop.h"

namespace auterity::engine {
namespace {

Json json(std::string_view text) { return boost::json::parse(text); }

// A result as a reader sees it.
#define EXPECT_RESULT(result, expected) EXPECT_EQ(shown(result), to_text(expected))
std::string shown(const Result<Json>& result) {
  return result ? to_text(*result) : result.error().message;
}

// A definition with nothing but these values, each compiled strictly or loosely.
struct Compiled {
  DefinitionPtr definition;
  std::vector<Template> templates;
};
Compiled compile(const std::vector<Json>& values, ExpressionMode mode = ExpressionMode::strict) {
  auto set = std::make_shared<ExpressionSet>();
  Compiled result;
  for (std::size_t i = 0; i < values.size(); ++i) {
    auto value = compile_template(values[i], mode, false, *set, fmt::format("/value/{}", i));
    EXPECT_TRUE(value) << (value ? "" : value.error().message);
    if (value) result.templates.push_back(std::move(*value));
  }
  set->seal();
  auto definition = std::make_shared<Definition>();
  definition->expressions = std::move(set);
  result.definition = std::move(definition);
  return result;
}

std::size_t open_descriptors() {
  auto entries = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

class EvaluatorPoolTest : public ::testing::Test {
 protected:
  // Evaluations that were started and not awaited at once refer to these.
  const Json nothing_;
  const Arguments none_;

  static EvaluatorOptions patient() {
    EvaluatorOptions options;
    options.command = harness::evaluator_command();
    options.evaluation_limit = std::chrono::seconds(20);
    options.start_limit = std::chrono::seconds(60);
    return options;
  }
  static EvaluatorOptions impatient() {
    EvaluatorOptions options = patient();
    options.evaluation_limit = std::chrono::milliseconds(300);
    return options;
  }

  void use(EvaluatorOptions options) {
    stop();
    pool_ = make_evaluator_pool(loop_.executor(), clock_, std::move(options));
  }
  void stop() {
    if (pool_) loop_.run(pool_->stop());
    pool_.reset();
  }
  void SetUp() override { use(patient()); }
  void TearDown() override { stop(); }

  Result<Json> evaluate(const Json& value, const Json& data = nullptr,
                        const Arguments& arguments = {},
                        ExpressionMode mode = ExpressionMode::strict) {
    Compiled compiled = compile({value}, mode);
    return loop_.run(pool_->evaluate(compiled.definition, compiled.templates[0], data, arguments));
  }
  Result<Json> jq(std::string_view text, const Json& data = nullptr,
                  const Arguments& arguments = {}) {
    return evaluate(Json(fmt::format("${{ {} }}", text)), data, arguments);
  }
  std::string error_of(std::string_view text, const Json& data = nullptr) {
    auto result = jq(text, data);
    return result ? "no error" : result.error().message;
  }

  template <typename Condition>
  void run_until(Condition condition) {
    loop_.context().restart();
    while (!condition() && loop_.context().run_one() > 0) {
    }
  }

  harness::EventLoop loop_;
  SystemClock clock_;
  std::unique_ptr<EvaluatorPool> pool_;
};

TEST_F(EvaluatorPoolTest, EvaluatesJq) {
  EXPECT_RESULT(jq(".a + 1", json(R"({"a": 41})")), Json(42));
  EXPECT_RESULT(jq("[.[] | . * 2]", json("[1, 2.5, 3]")), json("[2, 5, 6]"));
  EXPECT_RESULT(jq("\"Hello \\(.name)!\"", json(R"({"name": "Ünal \u0000 \"x\""})")),
                Json(std::string_view("Hello Ünal \0 \"x\"!", 18)));
  EXPECT_RESULT(jq("{b: 1, a: .x}", json(R"({"x": {"z": 1, "y": null}})")).value(),
                json(R"({"b": 1, "a": {"z": 1, "y": null}})"));
  EXPECT_RESULT(jq("# comment\n .a # another", json(R"({"a": true})")), Json(true));
  EXPECT_RESULT(jq("nan"), Json(nullptr));
  EXPECT_RESULT(jq("1 / 3"), Json(1.0 / 3));
  EXPECT_RESULT(jq("-1e1000"), Json(-1.7976931348623157e308));
  EXPECT_RESULT(jq("[limit(3; range(10))]"), json("[0, 1, 2]"));
}

TEST_F(EvaluatorPoolTest, KeepsTheOrderOfMembers) {
  auto result = jq(". + {m: 0}", json(R"({"z": 1, "a": 2})"));
  ASSERT_TRUE(result);
  std::vector<std::string> keys;
  for (const auto& member : result->as_object()) keys.emplace_back(member.key());
  EXPECT_EQ(keys, (std::vector<std::string>{"z", "a", "m"}));
}

TEST_F(EvaluatorPoolTest, TheFirstResultCountsAndNoneIsNull) {
  EXPECT_RESULT(jq("1, 2, error"), Json(1));
  EXPECT_RESULT(jq("empty"), Json(nullptr));
  EXPECT_RESULT(jq("error(null)"), Json(nullptr));
}

TEST_F(EvaluatorPoolTest, ATemplateWithManyExpressionsIsOneRoundTrip) {
  Arguments arguments;
  arguments.context = json(R"({"k": [1, 2]})");
  arguments.locals["item"] = "i";
  EXPECT_EQ(
      evaluate(
          json(
              R"({"a": "${ .x | length }", "b": ["${ $context.k | add }", "${ .x }", "${ $item + \"!\" }"], "c": "text"})"),
          json(R"({"x": "abc"})"), arguments),
      json(R"({"a": 3, "b": [3, "abc", "i!"], "c": "text"})"));
  EXPECT_EQ(pool_->statistics().started, 1u);
}

TEST_F(EvaluatorPoolTest, NativeTemplatesStartNoProcess) {
  EXPECT_RESULT(jq(".a", json(R"({"a": 1})")), Json(1));
  EXPECT_RESULT(evaluate("literal"), Json("literal"));
  EXPECT_EQ(pool_->statistics().started, 0u);
}

TEST_F(EvaluatorPoolTest, ErrorsAreJqsWithTheExpression) {
  EXPECT_EQ(error_of(".a | .b.c + 1", json(R"({"a": "x"})")),
            "expression ${ .a | .b.c + 1 } failed: Cannot index string with string \"b\"");
  EXPECT_EQ(error_of("error(\"own words\")"),
            "expression ${ error(\"own words\") } failed: own words");
  EXPECT_EQ(error_of("error({a: 1})"), "expression ${ error({a: 1}) } failed: {\"a\":1}");
}

TEST_F(EvaluatorPoolTest, AnUnavailableArgumentIsAnErrorUnlessTheExpressionBindsIt) {
  EXPECT_EQ(error_of("$output | length"),
            "expression ${ $output | length } failed: $output is not available here");
  EXPECT_RESULT(jq("2 as $output | $output + 1"), Json(3));
}

TEST_F(EvaluatorPoolTest, MessagesAboutSecretsAreWithheld) {
  Arguments arguments;
  arguments.secrets = json(R"({"password": "hunter2"})");
  auto result = jq("$secrets.password | tonumber", nullptr, arguments);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message.find("hunter2"), std::string::npos) << result.error().message;
  EXPECT_RESULT(jq("$secrets.password + \"!\"", nullptr, arguments), Json("hunter2!"));
}

TEST_F(EvaluatorPoolTest, NowIsTheRecordedTime) {
  Arguments arguments;
  arguments.now = from_epoch_microseconds(1'700'000'000'500'000);
  EXPECT_RESULT(jq("now", nullptr, arguments), Json(1'700'000'000.5));
  EXPECT_RESULT(jq("now | todate", nullptr, arguments), Json("2023-11-14T22:13:20Z"));
  EXPECT_RESULT(jq("now | strflocaltime(\"%H %Z\")", nullptr, arguments), Json("22 UTC"));
}

TEST_F(EvaluatorPoolTest, LooseModeKeepsTextsThatAreNoJqOrFail) {
  EXPECT_EQ(
      evaluate(
          json(
              R"(["hello world", ".a + 1", ".a | keys", "1 +", "${ .b | length }", "$nobody | length", "tuesday"])"),
          json(R"({"a": 1, "b": [0]})"), {}, ExpressionMode::loose),
      json(R"(["hello world", 2, ".a | keys", "1 +", 1, "$nobody | length", "tuesday"])"));
}

TEST_F(EvaluatorPoolTest, TellsWhichExpressionsAreNotJq) {
  std::vector<Json> values = {"${ .a | fine }",
                              "${ .a + }",
                              "${ .ok + 1 }",
                              "${ if . then 1 }",
                              "${ $typo.x }",
                              "${ . as [$a | 1 }",
                              "${ ..a b c }",
                              "${ 'x' }",
                              "${ {a: 1 b: 2} }",
                              "${ .a |\n foo(1) |\n bar }",
                              "${ $end | 1 }",
                              "${ def f: 1; }",
                              "${ import \"x\" as x; . }",
                              "${ break $out }",
                              "${ \"\\(.a | nope)\" }"};
  // "as [$a | 1" is not balanced.
  values.erase(values.begin() + 5);
  Compiled compiled = compile(values);
  auto problems = loop_.run(pool_->check(compiled.definition));
  ASSERT_TRUE(problems) << problems.error().message;
  std::map<std::string, std::string> by_pointer;
  for (const auto& problem : *problems) by_pointer[problem.pointer] = problem.message;
  EXPECT_EQ(by_pointer["/value/0"], "fine/0 is not defined");
  EXPECT_EQ(by_pointer["/value/1"], "syntax error, unexpected end of the expression");
  EXPECT_EQ(by_pointer.count("/value/2"), 0u);
  EXPECT_EQ(by_pointer["/value/3"], "Possibly unterminated 'if' statement");
  EXPECT_NE(by_pointer["/value/4"].find("$typo is not defined"), std::string::npos);
  for (int i = 5; i < 14; ++i) EXPECT_FALSE(by_pointer[fmt::format("/value/{}", i)].empty()) << i;
  EXPECT_EQ(by_pointer["/value/8"], "foo/1 is not defined (line 2 of the expression)");
  EXPECT_EQ(by_pointer.size(), 13u);
}

TEST_F(EvaluatorPoolTest, LooseTextsAreNoProblems) {
  Compiled compiled = compile({"hello world", ".a +"}, ExpressionMode::loose);
  auto problems = loop_.run(pool_->check(compiled.definition));
  ASSERT_TRUE(problems);
  EXPECT_TRUE(problems->empty());
}

TEST_F(EvaluatorPoolTest, ManyExpressionsOfOneDefinitionAllWork) {
  std::vector<Json> values;
  for (int i = 0; i < 600; ++i) values.push_back(Json(fmt::format("${{ . + {} }}", i)));
  Compiled compiled = compile(values);
  for (int i : {0, 1, 127, 255, 256, 257, 511, 512, 599}) {
    EXPECT_RESULT(loop_.run(pool_->evaluate(
                      compiled.definition, compiled.templates[static_cast<std::size_t>(i)], 1, {})),
                  Json(i + 1));
  }
  EXPECT_EQ(pool_->statistics().started, 1u);
}

TEST_F(EvaluatorPoolTest, ManyAtOnceAreAllAnswered) {
  std::vector<Compiled> definitions;
  for (int i = 0; i < 16; ++i)
    definitions.push_back(compile({Json(fmt::format("${{ . * {} }}", i))}));
  int answered = 0;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 16; ++i) {
      auto one = [](EvaluatorPool& pool, const Compiled& compiled, int factor, int value,
                    int& count) -> Async<void> {
        auto result = co_await pool.evaluate(compiled.definition, compiled.templates[0], value, {});
        EXPECT_RESULT(result, Json(factor * value));
        ++count;
      };
      boost::asio::co_spawn(
          loop_.context(),
          one(*pool_, definitions[static_cast<std::size_t>(i)], i, round, answered),
          [](std::exception_ptr error) { EXPECT_FALSE(error); });
    }
  }
  run_until([&] { return answered == 320; });
  EXPECT_EQ(answered, 320);
  EXPECT_LE(pool_->statistics().running, 8u);
}

TEST_F(EvaluatorPoolTest, LeavesNoDescriptorAndNoProcessBehind) {
  EXPECT_TRUE(jq(". + 1", 1));
  stop();
  std::size_t before = open_descriptors();
  use(patient());
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(jq(fmt::format(". + {}", i), 1));
  EXPECT_FALSE(jq("1e300 | strftime(\"%s\")"));
  std::vector<int> processes = pool_->process_ids();
  EXPECT_EQ(processes.size(), 5u) << "the one that died is gone";
  stop();
  EXPECT_EQ(open_descriptors(), before);
  for (int process : processes) EXPECT_EQ(::kill(process, 0), -1) << "neither running nor a zombie";
}

TEST_F(EvaluatorPoolTest, AProcessKilledFromOutsideIsReplacedAndTheRequestRepeated) {
  Compiled compiled = compile({"${ . + 1 }"});
  auto evaluate_it = [&] {
    return loop_.run(pool_->evaluate(compiled.definition, compiled.templates[0], 1, {}));
  };
  EXPECT_RESULT(evaluate_it(), Json(2));
  ASSERT_EQ(pool_->process_ids().size(), 1u);
  ::kill(pool_->process_ids()[0], SIGKILL);
  EXPECT_RESULT(evaluate_it(), Json(2));
  EXPECT_EQ(pool_->statistics().started, 2u);
}

TEST_F(EvaluatorPoolTest, AProcessKilledWhileItWorksCostsNothing) {
  Compiled compiled = compile({"${ [range(3000000)] | length }"});
  std::optional<Result<Json>> result;
  boost::asio::co_spawn(
      loop_.context(), pool_->evaluate(compiled.definition, compiled.templates[0], nothing_, none_),
      [&](std::exception_ptr, Result<Json> value) { result = std::move(value); });
  run_until([&] { return !pool_->process_ids().empty(); });
  ::kill(pool_->process_ids()[0], SIGKILL);
  run_until([&] { return result.has_value(); });
  EXPECT_RESULT(*result, Json(3000000));
  EXPECT_EQ(pool_->statistics().died, 1u);
}

TEST_F(EvaluatorPoolTest, ACancelledCallerDisturbsNobody) {
  Compiled compiled = compile({"${ [range(1000000)] | length }", "${ . + 1 }"});
  boost::asio::cancellation_signal signal;
  bool ended = false;
  boost::asio::co_spawn(
      loop_.context(), pool_->evaluate(compiled.definition, compiled.templates[0], nothing_, none_),
      boost::asio::bind_cancellation_slot(signal.slot(),
                                          [&](std::exception_ptr error, Result<Json>) {
                                            ended = true;
                                            EXPECT_TRUE(error);
                                          }));
  run_until([&] { return !pool_->process_ids().empty(); });
  signal.emit(boost::asio::cancellation_type::terminal);
  run_until([&] { return ended; });
  EXPECT_TRUE(ended);
  EXPECT_RESULT(loop_.run(pool_->evaluate(compiled.definition, compiled.templates[1], 1, {})),
                Json(2));
}

TEST_F(EvaluatorPoolTest, AfterStopEvaluationsAreCancelled) {
  loop_.run(pool_->stop());
  auto result = jq(". + 1", 1);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::cancelled);
}

TEST_F(EvaluatorPoolTest, ACommandThatIsMissingIsUnavailable) {
  EvaluatorOptions options = patient();
  options.command = {"/nonexistent/evaluator"};
  use(options);
  auto result = jq(". + 1", 1);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::unavailable);
  EXPECT_NE(result.error().message.find("/nonexistent/evaluator"), std::string::npos);
}

TEST_F(EvaluatorPoolTest, ACommandThatIsNoEvaluatorIsUnavailable) {
  EvaluatorOptions options = patient();
  options.command = {"/bin/true"};
  use(options);
  auto result = jq(". + 1", 1);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::unavailable);
}

TEST_F(EvaluatorPoolTest, DataThatIsTooDeepOrTooLargeNeverReachesJq) {
  Json deep = 1;
  for (int i = 0; i < 200; ++i) deep = JsonArray{std::move(deep)};
  EXPECT_EQ(jq("length", deep).error().kind, ErrorKind::too_large);
  EvaluatorOptions options = patient();
  options.max_data_bytes = 1000;
  use(options);
  EXPECT_EQ(jq("length", Json(std::string(1001, 'x'))).error().kind, ErrorKind::too_large);
  EXPECT_EQ(pool_->statistics().started, 0u);
  EXPECT_RESULT(jq("length", Json(std::string(900, 'x'))), Json(900));
}

TEST_F(EvaluatorPoolTest, ResultsThatAreTooDeepOrTooLargeAreErrors) {
  EvaluatorOptions options = patient();
  options.max_result_bytes = 10'000;
  use(options);
  EXPECT_EQ(jq("reduce range(200) as $i (1; [.])").error().kind, ErrorKind::too_large);
  EXPECT_EQ(jq("[range(10000)]").error().kind, ErrorKind::too_large);
  EXPECT_RESULT(jq("[range(100)] | length"), Json(100));
}

// What once read secrets, aborted, crashed or never came back: each is harmless or an error, and
// the next evaluation works.
TEST_F(EvaluatorPoolTest, AttacksAreHarmless) {
  Arguments arguments;
  EXPECT_RESULT(jq("env"), json("{}"));
  EXPECT_RESULT(jq("env.PATH"), Json(nullptr));
  EXPECT_RESULT(jq("$ENV"), json("{}"));
  EXPECT_RESULT(jq("$ENV.PATH"), Json(nullptr));
  EXPECT_RESULT(jq("[env | keys[]] | length"), Json(0));
  EXPECT_RESULT(jq("input_filename"), Json(nullptr));
  EXPECT_RESULT(jq("get_search_list"), json("[]"));
  EXPECT_RESULT(jq("\"x\" | debug | stderr"), Json("x"));
  EXPECT_RESULT(jq("[1, \"a b\"] | @sh"), Json("1 'a b'"));
  EXPECT_RESULT(jq("[limit(0; 1, 2)] | length <= 1"), Json(true));
  EXPECT_RESULT(jq("$__loc__ | type"), Json("object"));
  for (std::string_view text :
       {"input", "first(inputs)", "halt", "halt_error", "\"x\" | halt_error(1)", "$__prog_args",
        "\"a\" | modulemeta", "import \"x\" as $c {search: \"/etc\"}; $c", "include \"x\"; ."}) {
    EXPECT_FALSE(jq(text)) << text;
    EXPECT_RESULT(jq(". + 1", 1), Json(2)) << "after " << text;
  }
}

TEST_F(EvaluatorPoolTest, WhatCrashesLibjqCostsOneProcess) {
  EXPECT_RESULT(jq(". + 1", 1), Json(2));
  std::uint64_t deaths = 0;
  std::vector<std::string_view> programs{
      "1e300 | strftime(\"%s\")",
      "reduce range(1000000) as $i (null; [.])",
      "reduce range(1000000) as $i (null; [.]) | 1",
      "reduce range(1000000) as $i (null; [.]) | tojson | length",
  };
  // Sanitized evaluators run without a limit of memory (sandbox.cpp): there these two only take
  // long.
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
  programs.insert(programs.end(), {"[range(100000000)] | length", "def f: [f]; f"});
#endif
  for (std::string_view text : programs) {
    auto result = jq(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().kind, ErrorKind::failed) << text << ": " << result.error().message;
    EXPECT_GE(pool_->statistics().died, ++deaths) << text << ": " << result.error().message;
    EXPECT_RESULT(jq(". + 1", 1), Json(2)) << "after " << text;
  }
}

TEST_F(EvaluatorPoolTest, WhatNeverReturnsEndsAtTheLimit) {
  use(impatient());
  for (std::string_view text :
       {"def f: f; f", "\"x\" | gsub(\"\"; \"x\")", "[recurse(1)] | length",
        "last(range(infinite))", "(\"x\" * 60) | test(\"^(x+x+)+[yz]$\")", "until(false; .)"}) {
    auto result = jq(text);
    ASSERT_FALSE(result) << text;
    EXPECT_TRUE(result.error().kind == ErrorKind::timeout ||
                result.error().kind == ErrorKind::failed)
        << text << ": " << result.error().message;
    EXPECT_RESULT(jq(". + 1", 1), Json(2)) << "after " << text;
  }
  EXPECT_GE(pool_->statistics().overran, 3u);
}

TEST_F(EvaluatorPoolTest, ASlowExpressionDoesNotHoldUpOthersOfItsDefinition) {
  use(impatient());
  Compiled compiled = compile({"${ def f: f; f }", "${ . + 1 }"});
  std::vector<std::string> order;
  auto one = [](EvaluatorPool& pool, const Compiled& c, std::size_t index,
                std::vector<std::string>& ends) -> Async<void> {
    auto result = co_await pool.evaluate(c.definition, c.templates[index], 1, {});
    ends.push_back(result ? "value" : result.error().message);
  };
  for (std::size_t index : {0, 1, 1}) {
    boost::asio::co_spawn(loop_.context(), one(*pool_, compiled, index, order),
                          [](std::exception_ptr error) { EXPECT_FALSE(error); });
  }
  run_until([&] { return order.size() == 3; });
  EXPECT_EQ(std::ranges::count(order, "value"), 2) << fmt::format("{}", fmt::join(order, " / "));
}

TEST_F(EvaluatorPoolTest, ADefinitionWhoseCompilationCrashesIsPinnedDown) {
  std::string deep = "1";
  for (int i = 0; i < 8000; ++i) deep = "-" + deep;
  std::vector<Json> values = {"${ . + 1 }", "${ . + 2 }", Json("${ 1 | " + deep + " }"),
                              "${ . + 3 }"};
  Compiled compiled = compile(values);
  auto problems = loop_.run(pool_->check(compiled.definition));
  ASSERT_TRUE(problems) << problems.error().message;
  EXPECT_LE(problems->size(), 1u);
  for (const auto& problem : *problems) EXPECT_EQ(problem.pointer, "/value/2");
}

}  // namespace
}  // namespace auterity::engine
