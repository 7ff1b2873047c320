// The scenarios of the DSL's conformance kit that need no network, on the pure core.
#include <gtest/gtest.h>

#include "harness/pure_run.h"

namespace auterity::engine {
namespace {

using harness::PureRun;

Json json(std::string_view text) { return *parse_json(text); }

std::string document(std::string_view body) {
  return "document: {dsl: '1.0.3', namespace: default, name: scenario, version: '1.0.0'}\n" +
         std::string(body);
}

constexpr std::string_view kColours = R"(
do:
  - setRed: {set: {colors: '${ .colors + [ "red" ] }'}}
  - setGreen: {set: {colors: '${ .colors + [ "green" ] }'}}
  - setBlue: {set: {colors: '${ .colors + [ "blue" ] }'}}
)";

TEST(Conformance, ForkTaskWithCompetingConcurrentSubTasks) {
  PureRun run(document(R"(
do:
  - branchWithCompete:
      fork:
        compete: true
        branches:
          - setRed: {set: {colors: '${ .colors + ["red"] }'}}
          - setGreen: {set: {colors: '${ .colors + ["green"] }'}}
          - setBlue: {set: {colors: '${ .colors + ["blue"] }'}}
)"));
  EXPECT_EQ(run.run().status, ExecutionStatus::completed);
  EXPECT_EQ(run.output(), json(R"({"colors":["red"]})"));
  EXPECT_EQ(run.facts("task.cancelled").size(), 2u);
}

TEST(Conformance, InputFiltering) {
  PureRun run(document(R"(
do:
  - setPlayerId:
      input: {from: .user.claims.subject}
      set: {playerId: '${ . }'}
)"),
              json(R"({"user":{"claims":{"subject":"6AsnRgGEB0q2O7ux9JXFAw"}}})"));
  run.run();
  EXPECT_EQ(run.output(), json(R"({"playerId":"6AsnRgGEB0q2O7ux9JXFAw"})"));
}

TEST(Conformance, NonObjectOutput) {
  PureRun run(document(R"(
do:
  - getPetById1:
      call: http
      with: {method: get, endpoint: {uri: 'https://pets.example/{petId}'}}
      output: {as: .id}
  - getPetById2:
      call: http
      with: {method: get, endpoint: {uri: 'https://pets.example/2'}}
      output: {as: '{ ids: [ $input, .id ] }'}
)"),
              json(R"({"petId":1})"));
  int id = 0;
  run.with_effect([&](const EffectRequest&) { return Json(JsonObject{{"id", ++id}}); }).run();
  EXPECT_EQ(run.output(), json(R"({"ids":[1,2]})"));
}

TEST(Conformance, TaskWithSequentialSubTasks) {
  PureRun run(document(R"(
do:
  - compositeExample:
      do:
        - setRed: {set: {colors: '${ .colors + ["red"] }'}}
        - setGreen: {set: {colors: '${ .colors + ["green"] }'}}
        - setBlue: {set: {colors: '${ .colors + ["blue"] }'}}
)"));
  run.run();
  EXPECT_EQ(run.output(), json(R"({"colors":["red","green","blue"]})"));
}

TEST(Conformance, EmitTask) {
  PureRun run(document(R"(
do:
  - emitEvent:
      emit:
        event:
          with:
            source: https://fake-source.com
            type: com.fake-source.user.greeted.v1
            data:
              greetings: '${ "Hello \(.user.firstName) \(.user.lastName)!" }'
)"),
              json(R"({"user":{"firstName":"John","lastName":"Doe"}})"));
  run.run();
  const Json output = run.output();
  for (const char* name : {"id", "specversion", "time", "source", "type", "data"})
    EXPECT_NE(find_member(output, name), nullptr) << name;
  EXPECT_EQ(*find_pointer(output, "/source"), Json("https://fake-source.com"));
  EXPECT_EQ(*find_pointer(output, "/data"), json(R"({"greetings":"Hello John Doe!"})"));
}

TEST(Conformance, ImplicitSequenceFlow) {
  PureRun run(document(kColours));
  run.run();
  EXPECT_EQ(run.output(), json(R"({"colors":["red","green","blue"]})"));
  EXPECT_EQ(run.facts("task.started"),
            (std::vector<std::string>{"task.started /do/0/setRed", "task.started /do/1/setGreen",
                                      "task.started /do/2/setBlue"}));
}

TEST(Conformance, ExplicitSequenceFlow) {
  PureRun run(document(R"(
do:
  - setRed: {set: {colors: '${ .colors + [ "red" ] }'}, then: setGreen}
  - setBlue: {set: {colors: '${ .colors + [ "blue" ] }'}, then: end}
  - setGreen: {set: {colors: '${ .colors + [ "green" ] }'}, then: setBlue}
)"));
  run.run();
  EXPECT_EQ(run.output(), json(R"({"colors":["red","green","blue"]})"));
}

TEST(Conformance, ForTask) {
  PureRun run(document(R"(
do:
  - loopColors:
      for: {each: color, in: .colors}
      do:
        - markProcessed:
            set:
              processed: '${ { colors: (.processed.colors + [ $color ]), indexes: (.processed.indexes + [ $index ])} }'
)"),
              json(R"({"colors":["red","green","blue"]})"));
  run.run();
  EXPECT_EQ(run.output(),
            json(R"({"processed":{"colors":["red","green","blue"],"indexes":[0,1,2]}})"));
}

TEST(Conformance, RaiseTaskWithInlineError) {
  PureRun run(document(R"(
do:
  - raiseError:
      raise:
        error:
          status: 400
          type: https://open-workflow-specification.org/errors/types/compliance
          title: Compliance Error
)"));
  EXPECT_EQ(run.run().status, ExecutionStatus::faulted);
  EXPECT_EQ(run.error(), json(R"({
    "status":400,"type":"https://open-workflow-specification.org/errors/types/compliance",
    "title":"Compliance Error","instance":"/do/0/raiseError"})"));
}

TEST(Conformance, SetTask) {
  PureRun run(document(R"(
do:
  - setShape:
      set: {shape: circle, size: '${ .configuration.size }', fill: '${ .configuration.fill }'}
)"),
              json(R"({"configuration":{"size":{"width":6},"fill":{"red":69}}})"));
  run.run();
  EXPECT_EQ(run.output(), json(R"({"shape":"circle","size":{"width":6},"fill":{"red":69}})"));
}

std::string switch_document(std::string_view extra_case, std::string_view then) {
  return document(R"(
do:
  - switchColor:
      switch:
        - red: {when: '.color == "red"', then: setRed}
        - green: {when: '.color == "green"', then: setGreen}
)" + std::string(extra_case) +
                  std::string(then) + R"(
  - setRed: {set: {colors: '${ .colors + [ "red" ] }'}, then: end}
  - setGreen: {set: {colors: '${ .colors + [ "green" ] }'}, then: end}
  - setCustomColor: {set: {colors: '${ .colors + [ $input.color ] }'}}
)");
}

TEST(Conformance, SwitchTaskWithMatchingCase) {
  PureRun run(switch_document("", ""), json(R"({"color":"red"})"));
  run.run();
  EXPECT_EQ(run.output(), json(R"({"colors":["red"]})"));
}

TEST(Conformance, SwitchTaskWithImplicitDefaultCase) {
  PureRun run(switch_document("", "      then: end\n"), json(R"({"color":"yellow"})"));
  run.run();
  EXPECT_EQ(run.output(), json(R"({"color":"yellow"})"));
  EXPECT_EQ(run.facts("task.started"),
            (std::vector<std::string>{"task.started /do/0/switchColor"}));
}

TEST(Conformance, SwitchTaskWithExplicitDefaultCase) {
  PureRun run(switch_document("        - anyOtherColor: {then: setCustomColor}\n", ""),
              json(R"({"color":"yellow"})"));
  run.run();
  EXPECT_EQ(run.output(), json(R"({"colors":["yellow"]})"));
}

std::string try_document(int status) {
  return document(R"(
do:
  - tryGetPet:
      try:
        - getPet:
            call: http
            with: {method: get, endpoint: {uri: 'https://pets.example/{petName}'}}
      catch:
        errors:
          with:
            type: https://open-workflow-specification.org/dsl/errors/types/communication
            status: )" +
                  std::to_string(status) + R"(
        as: err
        do:
          - setError: {set: {error: '${ $err }'}}
)");
}

std::expected<Json, WorkflowError> not_found(const EffectRequest&) {
  WorkflowError error = make_error(StandardError::communication, "no such pet", "");
  error.status = 404;
  return std::unexpected(error);
}

TEST(Conformance, TryHandleCaughtError) {
  PureRun run(try_document(404), json(R"({"petName":"Milou"})"));
  run.with_effect(not_found);
  EXPECT_EQ(run.run().status, ExecutionStatus::completed);
  EXPECT_EQ(*find_pointer(run.output(), "/error/instance"), Json("/do/0/tryGetPet/try/0/getPet"));
  EXPECT_EQ(*find_pointer(run.output(), "/error/status"), Json(404));
}

TEST(Conformance, TryRaiseUncaughtError) {
  PureRun run(try_document(503), json(R"({"petName":"Milou"})"));
  run.with_effect(not_found);
  EXPECT_EQ(run.run().status, ExecutionStatus::faulted);
  EXPECT_EQ(*find_pointer(run.error(), "/status"), Json(404));
}

}  // namespace
}  // namespace auterity::engine
