#include "workflow_kinds.h"

namespace auterity::simulation {
namespace {

#define CALL(path) "{call: http, with: {method: post, endpoint: 'https://world.test" path "'}}"

const std::vector<WorkflowKind>& kinds() {
  static const std::vector<WorkflowKind> list = {
      {.name = "pure",
       .definition = R"(
do:
  - first: {set: {a: '${ .n }'}}
  - each: {for: {in: '${ $workflow.input.items }'}, do: [{take: {set: {last: '${ $item }'}}}]}
)",
       .effects = {},
       .completes_always = true,
       .output = R"({"last":3})"},
      {.name = "three-calls",
       .definition = "\ndo:\n  - a: " CALL("/a") "\n  - b: " CALL("/b") "\n  - c: " CALL("/c") "\n",
       .effects = {"/a", "/b", "/c"},
       .output = R"({"path":"/c"})"},
      {.name = "calls-and-waits",
       .definition = "\ndo:\n  - a: " CALL("/a") "\n  - nap: {wait: {seconds: 1}}\n  - b: " CALL(
           "/b") "\n  - sleep: {wait: {seconds: 40}}\n  - c: " CALL("/c") "\n",
       .effects = {"/a", "/b", "/c"},
       .output = R"({"path":"/c"})"},
      {.name = "fork",
       .definition = "\ndo:\n  - all: {fork: {branches: [{a: " CALL("/a") "}, {b: " CALL(
           "/b") "}, {c: {do: [{nap: {wait: {seconds: 3}}}, {d: " CALL("/d") "}]}}]}}\n",
       .effects = {"/a", "/b", "/d"},
       .output = R"([{"path":"/a"},{"path":"/b"},{"path":"/d"}])"},
      {.name = "race",
       .definition = "\ndo:\n  - first: {fork: {compete: true, branches: [{a: " CALL(
           "/a") "}, {b: {do: [{nap: {wait: {seconds: 30}}}, {b: " CALL("/b") "}]}}]}}\n  - end: "
                                                                              "{set: {done: "
                                                                              "true}}\n",
       .effects = {},
       .output = R"({"done":true})"},
      {.name = "retry",
       .definition = R"(
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
)",
       .effects = {"/a"},
       .one_key_a_path = false,
       .completes_always = true},
      {.name = "loop",
       .definition = R"(
do:
  - each:
      for: {in: .items}
      do:
        - a: )" CALL("/a") R"(
        - note: {set: {last: '${ $item }'}}
)",
       .effects = {"/a"},
       .one_key_a_path = false,
       .output = R"({"last":3})"},
      {.name = "limits",
       .definition = R"(
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
)",
       .effects = {},
       .completes_always = true},
      {.name = "raise",
       .definition = R"(
do:
  - a: )" CALL("/a") R"(
  - fails: {raise: {error: {type: 'https://world.test/refused', status: 409}}}
)",
       .effects = {}},
      {.name = "emit",
       .definition = R"(
do:
  - tell: {emit: {event: {with: {type: told, data: {n: 1}}}}}
  - nap: {wait: {seconds: 5}}
  - tell-again: {emit: {event: {with: {type: told, data: {n: 2}}}}}
  - end: {set: {done: true}}
)",
       .effects = {},
       .completes_always = true,
       .output = R"({"done":true})"},
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
