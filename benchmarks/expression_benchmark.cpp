// What an expression costs: natively, and in an evaluator process. The program is its own
// evaluator.
#include <benchmark/benchmark.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <string_view>

#include "core/system_clock.h"
#include "engine/expression/evaluator_pool.h"
#include "engine/expression/evaluator_process.h"
#include "engine/expression/json_schema.h"

namespace auterity::engine {
namespace {

constexpr std::string_view evaluator_argument = "evaluator";

const Json& order() {
  static const Json value = boost::json::parse(
      R"({"id": 17, "customer": {"name": "Ada", "city": "Bern"}, "items": [{"price": 3, "count": 2}, {"price": 5, "count": 1}]})");
  return value;
}

struct Prepared {
  explicit Prepared(const Json& value) {
    auto set = std::make_shared<ExpressionSet>();
    compiled = *compile_template(value, ExpressionMode::strict, false, *set);
    set->seal();
    auto with_set = std::make_shared<Definition>();
    with_set->expressions = std::move(set);
    definition = std::move(with_set);
  }
  DefinitionPtr definition;
  Template compiled;
};

void native(benchmark::State& state, const Json& value) {
  Prepared prepared(value);
  Arguments arguments;
  for (auto _ : state) {
    benchmark::DoNotOptimize(evaluate_natively(*prepared.definition->expressions, prepared.compiled,
                                               order(), arguments));
  }
}

void by_jq(benchmark::State& state, const Json& value) {
  Prepared prepared(value);
  Arguments arguments;
  boost::asio::io_context loop(1);
  SystemClock clock;
  EvaluatorOptions options;
  options.command = {"/proc/self/exe", std::string(evaluator_argument)};
  auto pool = make_evaluator_pool(loop.get_executor(), clock, options);
  auto work = [&]() -> Async<void> {
    (void)co_await pool->evaluate(prepared.definition, prepared.compiled, order(), arguments);
    for (auto _ : state) {
      auto result =
          co_await pool->evaluate(prepared.definition, prepared.compiled, order(), arguments);
      if (!result) state.SkipWithError(result.error().message.c_str());
    }
    co_await pool->stop();
  };
  boost::asio::co_spawn(loop, work(), [](std::exception_ptr) {});
  loop.run();
}

// From nothing to the first result: start, sandbox, compilation.
void first_result(benchmark::State& state) {
  Prepared prepared(Json("${ .id + 1 }"));
  Arguments arguments;
  for (auto _ : state) {
    boost::asio::io_context loop(1);
    SystemClock clock;
    EvaluatorOptions options;
    options.command = {"/proc/self/exe", std::string(evaluator_argument)};
    auto pool = make_evaluator_pool(loop.get_executor(), clock, options);
    auto work = [&]() -> Async<void> {
      (void)co_await pool->evaluate(prepared.definition, prepared.compiled, order(), arguments);
      co_await pool->stop();
    };
    boost::asio::co_spawn(loop, work(), [](std::exception_ptr) {});
    loop.run();
  }
}

void schema(benchmark::State& state) {
  auto compiled = compile_schema(boost::json::parse(
      R"({"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", "minimum": 1},
          "items": {"type": "array", "items": {"type": "object", "properties": {"price": {"type": "number"}}}}}})"));
  for (auto _ : state) benchmark::DoNotOptimize(validate(**compiled, order()));
}

BENCHMARK_CAPTURE(native, one_path, Json("${ .customer.name }"));
BENCHMARK_CAPTURE(
    native, structure_of_three,
    boost::json::parse(R"({"a": "${ .id }", "b": "${ .items[0].price }", "c": "${ .customer }"})"));
BENCHMARK_CAPTURE(by_jq, one_expression, Json("${ .id + 1 }"))->UseRealTime();
BENCHMARK_CAPTURE(
    by_jq, ten_expressions,
    boost::json::parse(
        R"(["${ .id+0 }", "${ .id+1 }", "${ .id+2 }", "${ .id+3 }", "${ .id+4 }", "${ .id+5 }",
                                         "${ .id+6 }", "${ .id+7 }", "${ .id+8 }", "${ .id+9 }"])"))
    ->UseRealTime();
BENCHMARK_CAPTURE(by_jq, sum_over_items, Json("${ [.items[] | .price * .count] | add }"))
    ->UseRealTime();
BENCHMARK(first_result)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(schema);

}  // namespace
}  // namespace auterity::engine

int main(int count, char** arguments) {
  if (count > 1 && arguments[1] == auterity::engine::evaluator_argument) {
    return auterity::engine::run_evaluator_process();
  }
  benchmark::Initialize(&count, arguments);
  benchmark::RunSpecifiedBenchmarks();
}
