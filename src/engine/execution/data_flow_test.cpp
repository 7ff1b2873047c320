// The data flow common to all tasks: order, availability of arguments, schemas, context, time
// limits.
#include <gtest/gtest.h>

#include "harness/pure_run.h"

namespace auterity::engine {
namespace {

using harness::PureRun;
using std::chrono::seconds;

Json json(std::string_view text) { return *parse_json(text); }

Json output_of(std::string_view text, std::string_view input = "null") {
  PureRun run(text, json(input));
  run.through_storage().run();
  EXPECT_EQ(run.execution().status, ExecutionStatus::completed) << auterity::to_text(run.error());
  return run.output();
}

Json error_of(std::string_view text, std::string_view input = "null") {
  PureRun run(text, json(input));
  EXPECT_EQ(run.run().status, ExecutionStatus::faulted);
  return run.error();
}

TEST(DataFlow, EachStageSeesWhatTheOneBeforeMade) {
  EXPECT_EQ(output_of(R"(
input: {from: '{ n: .raw }'}
do:
  - a:
      if: .n == 1
      input: {from: '{ m: (.n + 1) }'}
      set: {k: '${ .m + $input.m }'}
      output: {as: '{ o: .k, i: $input.m, raw: $task.output.k }'}
      export: {as: '{ kept: .o, again: $output.o }'}
  - b: {set: {from_context: '${ $context }', from_before: '${ . }'}}
output: {as: '{ final: ., context: $context.kept, started: $workflow.input.raw }'}
)",
                      R"({"raw":1})"),
            json(R"({"final":{"from_context":{"kept":4,"again":4},
                              "from_before":{"o":4,"i":2,"raw":4}},"context":4,"started":1})"));
}

TEST(DataFlow, TheContextBeginsEmpty) {
  EXPECT_EQ(output_of("do: [{a: {set: {c: '${ $context }'}}}]", R"({"a":1})"), json(R"({"c":{}})"));
}

TEST(DataFlow, TheContextIsTheWorkflowsAndSurvivesScopes) {
  EXPECT_EQ(output_of(R"(
do:
  - outer:
      do: [{inner: {set: {n: 1}, export: {as: '$context + {inner: .n}'}}}]
      export: {as: '$context + {outer: .n}'}
  - last: {set: '${ $context }'}
)"),
            json(R"({"inner":1,"outer":1})"));
}

TEST(DataFlow, DescriptorsTellAboutTaskWorkflowAndRuntime) {
  const Json output = output_of(R"(
do:
  - outer:
      do:
        - a:
            input: {from: .n}
            set:
              name: '${ $task.name }'
              reference: '${ $task.reference }'
              raw: '${ $task.input }'
              keyword: '${ $task.definition | keys }'
              id: '${ $workflow.id }'
              document: '${ $workflow.definition.document.name }'
              started: '${ $workflow.startedAt.iso8601 }'
              epoch: '${ $task.startedAt.epoch }'
              runtime: '${ $runtime.name }'
              version: '${ $runtime.version }'
)",
                                R"({"n":3})");
  EXPECT_EQ(output, json(R"({"name":"a","reference":"/do/0/outer/do/0/a","raw":{"n":3},
    "keyword":["input","set"],"id":"01890000-0000-7000-8000-000000000001","document":"pure",
    "started":"2026-11-18T11:06:40Z","epoch":{"seconds":1795000000,"milliseconds":1795000000000},
    "runtime":"auterity","version":"1.2.3"})"))
      << auterity::to_text(output);
}

TEST(DataFlow, ArgumentsAreThereByTheMatrixAlone) {
  // $input is not known before input.from has made it, $output only to export.
  for (const char* text : {
           "do: [{a: {if: $input.x == 1, set: {b: 1}}}]",
           "do: [{a: {input: {from: $input.x}, set: {b: 1}}}]",
           "do: [{a: {set: {b: '${ $output.x }'}}}]",
           "do: [{a: {set: {b: 1}, output: {as: '$output.x'}}}]",
           "input: {from: $context.x}\ndo: [{a: {set: {b: 1}}}]",
           "output: {as: $input.x}\ndo: [{a: {set: {b: 1}}}]",
           "do: [{a: {set: {b: '${ $authorization.scheme }'}}}]",
       })
    EXPECT_EQ(*find_pointer(error_of(text, R"({"x":1})"), "/status"), Json(400)) << text;
}

TEST(DataFlow, SecretsAreThereEverywhere) {
  PureRun run(R"(
use: {secrets: [s]}
input: {from: '{ a: $secrets.s }'}
do: [{t: {if: $secrets.s == "v", set: {a: '${ .a }', b: '${ $secrets.s }'}}}]
)",
              nullptr, JsonObject{{"s", "v"}});
  run.run();
  EXPECT_EQ(run.output(), json(R"({"a":"v","b":"v"})"));
}

TEST(DataFlow, AnUndeclaredSecretIsAnAuthorizationError) {
  PureRun run("use: {secrets: [s]}\ndo: [{t: {set: {a: '${ $secrets.other }'}}}]", nullptr,
              JsonObject{{"s", "v"}});
  run.run();
  EXPECT_EQ(*find_pointer(run.error(), "/status"), Json(403));
}

TEST(DataFlow, SchemasAreCheckedWhereTheyStand) {
  const std::string text = R"(
input: {schema: {document: {title: wi}}, from: '{ stage: 1 }'}
output: {schema: {document: {title: wo}}, as: '{ stage: 5 }'}
do:
  - a:
      input: {schema: {document: {title: ti}}, from: '{ stage: 2 }'}
      set: {stage: 3}
      output: {schema: {document: {title: to}}, as: '{ stage: 4 }'}
      export: {schema: {document: {title: te}}, as: '{ exported: .stage }'}
)";
  std::vector<std::string> seen;
  PureRun run(text, json(R"({"stage":0})"));
  run.with_check([&](const Json& schema, const Json& value) {
    seen.push_back(std::string(string_or(find_member(schema, "title"), "")) + " " +
                   auterity::to_text(value));
    return true;
  });
  run.through_storage().run();
  EXPECT_EQ(seen,
            (std::vector<std::string>{R"(wi {"stage":0})", R"(ti {"stage":1})", R"(to {"stage":4})",
                                      R"(te {"exported":4})", R"(wo {"stage":5})"}));
  for (const auto& [title, instance] :
       std::initializer_list<std::pair<std::string, std::string>>{{"wi", "/input/schema"},
                                                                  {"ti", "/do/0/a"},
                                                                  {"to", "/do/0/a"},
                                                                  {"te", "/do/0/a"},
                                                                  {"wo", "/output/schema"}}) {
    PureRun failing(text, json(R"({"stage":0})"));
    failing.with_check([&](const Json& schema, const Json&) {
      return string_or(find_member(schema, "title"), "") != title;
    });
    EXPECT_EQ(failing.run().status, ExecutionStatus::faulted) << title;
    EXPECT_EQ(*find_pointer(failing.error(), "/instance"), Json(instance)) << title;
  }
}

// ---- time limits ----

TEST(DataFlow, ATasksTimeLimitInterruptsItAndCanBeCaught) {
  PureRun run(R"(
do:
  - guarded:
      try:
        - slow:
            do: [{nap: {wait: {minutes: 10}}}]
            timeout: {after: {seconds: 30}}
      catch: {do: [{seen: {set: '${ $error }'}}]}
)");
  run.through_storage().run();
  EXPECT_EQ(run.elapsed(), seconds(30));
  EXPECT_EQ(*find_pointer(run.output(), "/status"), Json(408));
  EXPECT_EQ(*find_pointer(run.output(), "/type"),
            Json("https://open-workflow-specification.org/spec/1.0.0/errors/timeout"));
  EXPECT_EQ(*find_pointer(run.output(), "/instance"), Json("/do/0/guarded/try/0/slow"));
  EXPECT_EQ(run.facts("task.cancelled").size(), 1u);
}

TEST(DataFlow, TheWorkflowsTimeLimitEndsIt) {
  PureRun run("timeout: {after: PT30S}\ndo: [{nap: {wait: {minutes: 1}}}]");
  EXPECT_EQ(run.through_storage().run().status, ExecutionStatus::faulted);
  EXPECT_EQ(run.elapsed(), seconds(30));
  EXPECT_EQ(*find_pointer(run.error(), "/status"), Json(408));
}

TEST(DataFlow, ATimeLimitMayBeAnExpression) {
  PureRun run("do: [{nap: {wait: {minutes: 1}, timeout: {after: '${ .limit }'}}}]",
              json(R"({"limit":"PT5S"})"));
  EXPECT_EQ(run.through_storage().run().status, ExecutionStatus::faulted);
  EXPECT_EQ(run.elapsed(), seconds(5));
}

TEST(DataFlow, WhatEndsInTimeIsNotInterrupted) {
  EXPECT_EQ(output_of("do: [{nap: {wait: PT1S, timeout: {after: PT5S}}}, {b: {wait: PT10S}}]",
                      R"({"a":1})"),
            json(R"({"a":1})"));
}

TEST(DataFlow, OfTwoLimitsThatHavePassedTheEarlierCounts) {
  PureRun run(R"(
do:
  - outer:
      do: [{inner: {wait: {hours: 1}, timeout: {after: PT5S}}}]
      timeout: {after: PT10S}
)");
  run.run_until_effect_or_timer();
  run.advance(std::chrono::minutes(5));
  run.apply(Tick{});
  EXPECT_EQ(*find_pointer(run.error(), "/instance"), Json("/do/0/outer/do/0/inner"));
}

}  // namespace
}  // namespace auterity::engine
