#include "workflow_kinds.h"

namespace auterity::simulation {
namespace {

#define CALL(path) "{call: http, with: {method: post, endpoint: 'https://world.test" path "'}}"

constexpr std::string_view kPure = R"(
do:
  - first: {set: {a: '${ .n }'}}
  - each: {for: {in: '${ $workflow.input.items }'}, do: [{take: {set: {last: '${ $item }'}}}]}
)";

constexpr std::string_view kThreeCalls = R"(
do:
  - a: )" CALL("/a") R"(
  - b: )" CALL("/b") R"(
  - c: )" CALL("/c") "\n";

constexpr std::string_view kCallsAndWaits = R"(
do:
  - a: )" CALL("/a") R"(
  - nap: {wait: {seconds: 1}}
  - b: )" CALL("/b") R"(
  - sleep: {wait: {seconds: 40}}
  - c: )" CALL("/c") "\n";

constexpr std::string_view kFork = R"(
do:
  - all:
      fork:
        branches:
          - a: )" CALL("/a") R"(
          - b: )" CALL("/b") R"(
          - c: {do: [{nap: {wait: {seconds: 3}}}, {d: )" CALL("/d") R"(}]}
)";

constexpr std::string_view kRace = R"(
do:
  - first:
      fork:
        compete: true
        branches:
          - a: )" CALL("/a") R"(
          - b: {do: [{nap: {wait: {seconds: 30}}}, {b: )" CALL("/b") R"(}]}
  - end: {set: {done: true}}
)";

constexpr std::string_view kRetry = R"(
do:
  - attempt:
      try:
        - a: )" CALL("/a") R"(
        - b: )" CALL("/b") R"(
      catch:
        retry:
          delay: {seconds: 2}
          backoff: {exponential: {}}
          jitter: {from: {milliseconds: 0}, to: {milliseconds: 500}}
          limit: {attempt: {count: 4}}
        do:
          - give-up: {set: {gave: up}}
)";

constexpr std::string_view kLoop = R"(
do:
  - each:
      for: {in: .items}
      do:
        - a: )" CALL("/a") R"(
        - note: {set: {last: '${ $item }'}}
)";

constexpr std::string_view kLimits = R"(
do:
  - guarded:
      try:
        - slow:
            do: [{a: )" CALL("/a") R"(}, {nap: {wait: {seconds: 20}}}]
            timeout: {after: {seconds: 10}}
      catch:
        as: problem
        do:
          - caught: {set: {status: '${ $problem.status }'}}
)";

constexpr std::string_view kRaise = R"(
do:
  - a: )" CALL("/a") R"(
  - fails: {raise: {error: {type: 'https://world.test/refused', status: 409}}}
)";

constexpr std::string_view kEmit = R"(
do:
  - tell: {emit: {event: {with: {type: told, data: {n: 1}}}}}
  - nap: {wait: {seconds: 5}}
  - tell-again: {emit: {event: {with: {type: told, data: {n: 2}}}}}
  - end: {set: {done: true}}
)";

const std::vector<WorkflowKind>& kinds() {
  static const std::vector<WorkflowKind> list = {
      {"pure", kPure, {}, true, true, R"({"last":3})"},
      {"three-calls", kThreeCalls, {"/a", "/b", "/c"}, true, false, R"({"path":"/c"})"},
      {"calls-and-waits", kCallsAndWaits, {"/a", "/b", "/c"}, true, false, R"({"path":"/c"})"},
      {"fork",
       kFork,
       {"/a", "/b", "/d"},
       true,
       false,
       R"([{"path":"/a"},{"path":"/b"},{"path":"/d"}])"},
      {"race", kRace, {}, true, false, R"({"done":true})"},
      {"retry", kRetry, {"/a"}, false, true, ""},
      {"loop", kLoop, {"/a"}, false, false, R"({"last":3})"},
      {"limits", kLimits, {}, true, true, ""},
      {"raise", kRaise, {}, true, false, ""},
      {"emit", kEmit, {}, true, true, R"({"done":true})"},
  };
  return list;
}

}  // namespace

std::span<const WorkflowKind> workflow_kinds() { return kinds(); }

std::string definition_of(const WorkflowKind& kind) {
  return "document: {dsl: '1.0.3', namespace: simulation, name: " + std::string(kind.name) +
         ", version: '1.0.0'}" + std::string(kind.definition);
}

}  // namespace auterity::simulation
