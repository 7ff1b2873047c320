// Golden texts: a document and exactly what is said about it. The texts are what an author reads,
// so a change of words is a change here.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/definition/parser.h"

namespace auterity::engine {
namespace {

constexpr std::string_view kHead =
    "document: {dsl: '1.0.3', namespace: test, name: sample, version: '1.0.0'}\n";

// Problems of kHead and `body`, one a line: "LINE POINTER: MESSAGE".
std::string problems(std::string_view body, std::string_view head = kHead) {
  const auto definition = parse_definition(std::string(head) + std::string(body));
  if (definition) return "none";
  std::string lines;
  for (const Problem& problem : definition.error())
    lines += fmt::format("{}{} {}: {}", lines.empty() ? "" : "\n", problem.line, problem.pointer,
                         problem.message);
  return lines;
}

std::string document_problems(std::string_view body) { return problems(body, ""); }

TEST(ParserProblems, OfTheDocumentItself) {
  EXPECT_EQ(document_problems("[1]"), "1 : must be a map (a workflow), but is a list");
  EXPECT_EQ(document_problems("do: []"),
            "1 : a workflow needs 'document'; write for example document: {dsl: '1.0.3', "
            "namespace: default, name: my-workflow, version: '0.1.0'}");
  EXPECT_EQ(document_problems(R"(document:
  dsl: 1.0
  namespace: -a-
  name: My_Flow
  version: v1
  titel: x
do: []
)"),
            "2 /document/dsl: must be text, but is a number; write for example dsl: '1.0.3'\n"
            "3 /document/namespace: '-a-' is no DNS label; use 1 to 63 letters, digits and '-' "
            "(not first or last)\n"
            "4 /document/name: 'My_Flow' is no DNS label; use 1 to 63 letters, digits and '-' "
            "(not first or last)\n"
            "5 /document/version: 'v1' is no semantic version; write MAJOR.MINOR.PATCH, as in "
            "'1.0.0'\n"
            "6 /document/titel: document has no field 'titel'; did you mean 'title'?");
  EXPECT_EQ(document_problems(
                "document: {dsl: '2.0.0', namespace: a, name: b, version: '1.0.0'}\ndo: []"),
            "1 /document/dsl: version '2.0.0' of the DSL is not known here; write dsl: '1.0.3'");
}

TEST(ParserProblems, OfFieldsAtTheTop) {
  EXPECT_EQ(problems("doo: []"),
            "1 : a workflow needs 'do'; write for example do: [{greet: {set: {greeting: hello}}}]\n"
            "2 /doo: a workflow has no field 'doo'; did you mean 'do'?");
  EXPECT_EQ(problems("evaluate: {language: cel, mode: lose}\ndo: []"),
            "2 /evaluate/language: the expression language 'cel' is not known here; write jq\n"
            "2 /evaluate/mode: 'lose' is not possible here; did you mean 'loose'?");
  EXPECT_EQ(problems("timeout: 30\ndo: []"),
            "2 /timeout: must be text or a map (a timeout), but is a whole number; write for "
            "example timeout: {after: PT30S}");
  EXPECT_EQ(problems("input: {schema: {}}\ndo: []"),
            "2 /input/schema: a schema needs one of: document, resource");
}

TEST(ParserProblems, OfSchedules) {
  EXPECT_EQ(problems("schedule: {}\ndo: []"),
            "2 /schedule: schedule needs one of: every, cron, after, on");
  EXPECT_EQ(problems("schedule: {every: PT1H, cron: '@daily'}\ndo: []"),
            "2 /schedule: schedule takes only one of every, cron; keep one of them");
  EXPECT_EQ(problems("schedule: {cron: '61 * * * *'}\ndo: []"),
            "2 /schedule/cron: '61' is no minute of a cron expression; write *, a value from 0 to "
            "59, a range 1-5, a list 1,3 or a step */15");
  EXPECT_EQ(problems("schedule: {every: PT0S}\ndo: []"),
            "2 /schedule/every: the interval must be longer than zero; write for example PT1H");
  EXPECT_EQ(problems("schedule: {every: '${ .x }'}\ndo: []"),
            "2 /schedule/every: a schedule takes a fixed duration, not an expression; write for "
            "example PT1H");
  EXPECT_EQ(problems("schedule: {cron: '@daily', read: data}\ndo: []"),
            "2 /schedule/read: 'read' goes with 'on' only; remove it, or schedule by events");
}

TEST(ParserProblems, OfTaskLists) {
  EXPECT_EQ(problems("do: {a: {set: {x: 1}}}"),
            "2 /do: must be a list, but is a map; write for "
            "example do: [{greet: {set: {greeting: hello}}}]");
  EXPECT_EQ(problems("do:\n  - a:\n    set: {x: 1}\n"),
            "3 /do/0: an item of a task list takes one name only; begin another item with '- ' "
            "(check the indentation of what follows)");
  EXPECT_EQ(problems("do:\n  - {}\n  - text\n"),
            "3 /do/0: an item of a task list needs at least 1 member\n"
            "4 /do/1: must be a map (an item of a task list), but is text");
  EXPECT_EQ(problems("do:\n  - a: {set: {x: 1}}\n  - a: {set: {x: 1}}\n"),
            "4 /do/1/a: the task 'a' is in this list twice (first on line 3); rename one of them");
  EXPECT_EQ(problems("do: [{'': {set: {x: 1}}}]"),
            "2 /do/0/: a task needs a name; write one "
            "before ':'");
}

TEST(ParserProblems, OfKeywords) {
  EXPECT_EQ(problems("do: [{a: {swtich: []}}]"),
            "2 /do/0/a/swtich: a task has no field 'swtich'; did you mean 'switch'?");
  EXPECT_EQ(problems("do: [{a: {if: .x}}]"),
            "2 /do/0/a: a task needs one of call, do, emit, for, "
            "fork, listen, raise, run, set, switch, try, wait");
  EXPECT_EQ(problems("do: [{a: {set: {x: 1}, wait: PT1S}}]"),
            "2 /do/0/a: a task does one thing, but this one has set and wait; make it 2 tasks");
  EXPECT_EQ(problems("do: [{a: {set: {}, them: end}}]"),
            "2 /do/0/a/set: set needs at least 1 member\n"
            "2 /do/0/a/them: a set task has no field 'them'; did you mean 'then'?");
  EXPECT_EQ(problems("do: [{a: {set: .x}}]"),
            "2 /do/0/a/set: 'set' takes a map or an expression; write for example set: "
            "'${ .order }'");
  EXPECT_EQ(problems("do: [{a: {for: {each: i, at: i, in: .x}}}]"),
            "2 /do/0/a: a for task needs 'do'; write for example do: [{remember: {set: {seen: '${ "
            "$item }'}}}]\n"
            "2 /do/0/a/for: 'each' and 'at' are both 'i'; rename one of them");
  EXPECT_EQ(problems("do: [{a: {for: {each: $x, at: input, in: [1]}, do: []}}]"),
            "2 /do/0/a/for/each: '$x' cannot be a variable; use letters, digits and '_', without "
            "'$'\n"
            "2 /do/0/a/for/at: 'input' is taken already; choose another name\n"
            "2 /do/0/a/for/in/0: must be a map, but is a whole number");
}

TEST(ParserProblems, OfFlow) {
  EXPECT_EQ(problems("do:\n  - first: {set: {x: 1}, then: secnd}\n  - second: {set: {x: 1}}\n"),
            "3 /do/0/first/then: there is no task 'secnd' in this list; did you mean 'second'?");
  EXPECT_EQ(problems("do:\n  - a: {do: [{b: {set: {x: 1}, then: other}}]}\n  - other: {set: {x: "
                     "1}}\n"),
            "3 /do/0/a/do/0/b/then: there is no task 'other' in this list; possible are: continue, "
            "exit, end, b");
  EXPECT_EQ(problems("do: [{a: {fork: {branches: [{l: {set: {x: 1}, then: r}}, {r: {set: {x: "
                     "1}}}]}}}]"),
            "2 /do/0/a/fork/branches/0/l/then: branches run side by side, so none can follow "
            "another; put tasks that follow each other into one 'do'");
  EXPECT_EQ(problems("do:\n  - a:\n      switch:\n        - x: {then: end}\n        - y: {when: "
                     ".x}\n        - z: {then: nowhere}\n"),
            "6 /do/0/a/switch/1/y: a switch case needs 'then'; write for example then: continue\n"
            "7 /do/0/a/switch/2/z/then: there is no task 'nowhere' in this list; possible are: "
            "continue, exit, end, a\n"
            "7 /do/0/a/switch/2/z: a switch has one default case at most, and line 5 has one "
            "without 'when' already; add 'when'");
  EXPECT_EQ(problems("do: [{a: {try: [{b: {set: {x: 1}}}], catch: {then: b}}}]"),
            "2 /do/0/a/catch/then: there is no task 'b' in this list; possible are: continue, "
            "exit, end, a");
}

TEST(ParserProblems, OfNames) {
  EXPECT_EQ(problems("use: {retries: {slow: {}}, timeouts: {}}\ndo:\n  - a:\n      try: []\n      "
                     "catch: {retry: slwo}\n      timeout: long\n"),
            "6 /do/0/a/catch/retry: 'slwo' is not in use.retries; did you mean 'slow'?\n"
            "7 /do/0/a/timeout: 'long' is not defined; there is no use.timeouts in this "
            "definition");
  EXPECT_EQ(problems("do: [{a: {raise: {error: nope}}}]"),
            "2 /do/0/a/raise/error: 'nope' is not defined; there is no use.errors in this "
            "definition");
  EXPECT_EQ(problems("use: {functions: {greet: {set: {x: 1}}}}\ndo:\n  - a: {call: htpp}\n  - b: "
                     "{call: gret}\n  - c: {call: 'x:1@nowhere'}\n  - d: {call: "
                     "'x:1.0.0@nowhere'}\n"),
            "4 /do/0/a/call: 'htpp' is neither a protocol nor a function of use.functions; did you "
            "mean 'http'?\n"
            "5 /do/1/b/call: 'gret' is neither a protocol nor a function of use.functions; did you "
            "mean 'greet'?\n"
            "6 /do/2/c/call: 'x:1@nowhere' is no function of a catalog; write name:1.0.0@catalog\n"
            "7 /do/3/d/call: the catalog 'nowhere' is not in use.catalogs");
  EXPECT_EQ(problems("use: {secrets: [one], authentications: {x: {basic: {use: oen}}}}\ndo:\n  - "
                     "a: {call: http, with: {method: get, endpoint: {uri: /x, authentication: "
                     "{use: y}}}}\n"),
            "2 /use/authentications/x/basic/use: 'oen' is not in use.secrets; did you mean 'one'?\n"
            "4 /do/0/a/with/endpoint/authentication/use: 'y' is not in use.authentications; known "
            "are: x");
}

TEST(ParserProblems, OfHttpCalls) {
  EXPECT_EQ(problems(R"(do:
  - a:
      call: http
      with:
        method: 'ge t'
        uri: http://x.io
        endpoint: {uri: 'ftp://x.io/{+y}'}
        headers: {'a b': c, d: 5}
        query: .q
        output: text
        redirect: 'yes'
  - b: {call: http, with: {method: get, endpoint: 'localhost:8080/x'}}
  - c: {call: http, with: {method: get, endpoint: {uri: /x, authentication: {bearer: '${ .t }'}}}}
  - d: {call: http, with: {method: get, endpoint: {uri: /x, authentication: {basic: {username: a}}}}}
  - e: {call: http}
)"),
            "6 /do/0/a/with/method: 'ge t' is no HTTP method; write for example get\n"
            "7 /do/0/a/with/uri: 'with' of an HTTP call has no field 'uri'; write it as endpoint: "
            "{uri: …}\n"
            "8 /do/0/a/with/endpoint/uri: '{+y}' uses an operator; only {name} is possible here; "
            "use an expression for the whole endpoint, as in ${ \"https://…\" + .path }\n"
            "8 /do/0/a/with/endpoint/uri: an HTTP call goes to http:// or https://, not to 'ftp:'; "
            "write for example http://x.io/{+y}\n"
            "9 /do/0/a/with/headers/d: must be text, but is a whole number; put it in quotes: '5'\n"
            "9 /do/0/a/with/headers/a b: 'a b' cannot be the name of a header; use letters, digits "
            "and '-'\n"
            "10 /do/0/a/with/query: must be an expression; write for example '${ .q }'\n"
            "11 /do/0/a/with/output: 'text' is not possible here; write one of: raw, content, "
            "response\n"
            "12 /do/0/a/with/redirect: must be true or false, but is text\n"
            "13 /do/1/b/with/endpoint: an HTTP call goes to http:// or https://, not to "
            "'localhost:'; write for example http://localhost:8080/x\n"
            "14 /do/2/c/with/endpoint/authentication/bearer: must be a map (bearer "
            "authentication), but is text; write for example bearer: {token: '${ .token }'}\n"
            "15 /do/3/d/with/endpoint/authentication/basic: needs 'username' and 'password', or "
            "'use' with the name of a secret\n"
            "16 /do/4/e: a call task needs 'with'; write for example with: {…}");
}

TEST(ParserProblems, OfDurations) {
  EXPECT_EQ(problems(R"(do:
  - a: {wait: 30 seconds}
  - b: {wait: {}}
  - c: {wait: {seconds: -1, weeks: 2}}
  - d: {wait: {seconds: 1.5}}
  - e: {wait: {days: 99999999}}
  - f: {wait: P200Y}
  - g: {wait: 5}
)"),
            "3 /do/0/a/wait: '30 seconds' is no duration; write it as ISO 8601, such as PT30S, "
            "PT1H30M or P1D, or as {seconds: 30}\n"
            "4 /do/1/b/wait: a duration needs at least 1 member\n"
            "5 /do/2/c/wait/seconds: must be 0 or more\n"
            "5 /do/2/c/wait/weeks: a duration has no field 'weeks'; allowed here: days, hours, "
            "minutes, seconds, milliseconds\n"
            "6 /do/3/d/wait/seconds: must be a whole number, but is a number\n"
            "7 /do/4/e/wait: a duration of more than 100 years; write a shorter one\n"
            "8 /do/5/f/wait: a duration of more than 100 years; write a shorter one\n"
            "9 /do/6/g/wait: must be text or a map (a duration), but is a whole number; write for "
            "example {seconds: 30} or PT30S");
}

TEST(ParserProblems, OfExpressionsStandAtTheirLeaf) {
  const std::string found = problems(
      "do:\n  - a:\n      if: .x | (\n      set:\n        good: 1\n        bad: [1, '${ .y + ] "
      "}']\n");
  EXPECT_TRUE(found.starts_with("4 /do/0/a/if: ")) << found;
  EXPECT_NE(found.find("\n7 /do/0/a/set/bad/1: "), std::string::npos) << found;
}

TEST(ParserProblems, OfSchemasStandAtTheirKeyword) {
  const std::string found = problems(
      "input:\n  schema:\n    document:\n      type: object\n      properties:\n        a: {typ: "
      "string}\n        b: {type: text}\ndo: []");
  EXPECT_TRUE(found.starts_with("7 /input/schema/document/properties/a/typ: ")) << found;
  EXPECT_NE(found.find("\n8 /input/schema/document/properties/b/type: "), std::string::npos)
      << found;
}

TEST(ParserProblems, OfWhatIsOnlyChecked) {
  EXPECT_EQ(problems(R"(do:
  - a: {listen: {to: {one: {with: {}}, until: .x}}, foreach: {do: [{b: {set: {}}}]}}
  - c: {run: {shell: {}, container: {image: x, lifetime: {cleanup: never, after: PT1S}}}}
  - d: {call: grpc, with: {service: {name: x, host: '-', port: 70000}, method: m}}
  - e: {call: asyncapi, with: {document: {endpoint: x}, operation: o, channel: c}}
  - f: {call: mcp, with: {method: tools/call, transport: {http: {}}}}
)"),
            "3 /do/0/a/listen/to/one/with: 'with' of an event filter needs at least 1 member\n"
            "3 /do/0/a/listen/to/until: 'until' goes with 'any' only; remove it\n"
            "3 /do/0/a/foreach/do/0/b/set: set needs at least 1 member\n"
            "4 /do/1/c/run: run takes only one of container, shell; keep one of them\n"
            "4 /do/1/c/run/shell: a shell command needs 'command'; write for example command: "
            "date\n"
            "4 /do/1/c/run/container/lifetime/after: 'after' goes with cleanup: eventually only; "
            "remove it\n"
            "5 /do/2/d/with: 'with' of a gRPC call needs 'proto'; write for example proto: "
            "{endpoint: file://greet.proto}\n"
            "5 /do/2/d/with/service/host: '-' is no host name; write for example localhost\n"
            "5 /do/2/d/with/service/port: must be from 0 to 65535\n"
            "6 /do/3/e/with: an AsyncAPI call needs either 'operation' (AsyncAPI 3) or 'channel' "
            "(AsyncAPI 2.6)\n"
            "6 /do/3/e/with: an AsyncAPI call needs either 'message' (to publish) or "
            "'subscription' (to consume)\n"
            "7 /do/4/f/with/transport/http: an MCP transport by HTTP needs 'endpoint'; write for "
            "example endpoint: https://…");
}

TEST(ParserProblems, OfVariablesThatTheEvaluatorNeeds) {
  for (const std::string_view name : {"input", "context", "__now", "__loc__", "ENV", "then"})
    EXPECT_EQ(problems(fmt::format("do: [{{a: {{for: {{each: {}, in: .x}}, do: []}}}}]", name)),
              fmt::format("2 /do/0/a/for/each: '{}' is taken already; choose another name", name));
}

// The kinds of mistakes that the specification keeps as its invalid fixtures.
TEST(ParserProblems, OfTheSpecificationsInvalidFixtures) {
  EXPECT_EQ(
      problems("do:\n  - a:\n      call: http\n      with: {method: get, endpoint: /x}\n      "
               "more: x\n"),
      "6 /do/0/a/more: a call task has no field 'more'; allowed here: call, with, if, input, "
      "output, export, timeout, then, metadata");
  EXPECT_EQ(problems("do:\n  - a: {set: {x: 1}}\n    b: {set: {x: 1}}\n"),
            "3 /do/0: an item of a task list takes one name only; begin another item with '- ' "
            "(check the indentation of what follows)");
  EXPECT_EQ(problems("do:\ndo:\n  - a:\n      listen:\n        to:\n          any: []\n          "
                     "until:\n            any: []\n            until: ${ true }\n"),
            "2 /do: must be a list, but is nothing (null); write for example do: [{greet: {set: "
            "{greeting: hello}}}]\n"
            "3 /do: the key 'do' is there twice (first on line 2); keep one of them");
  EXPECT_EQ(
      problems("do:\n  - a:\n      listen:\n        to:\n          any: []\n          until:\n  "
               "          any: []\n            until: ${ true }\n"),
      "9 /do/0/a/listen/to/until/until: the events of 'until' cannot have an 'until' of "
      "their own; remove it");
}

TEST(ParserProblems, OfRetries) {
  EXPECT_EQ(
      problems("use:\n  retries:\n    x: {backoff: {exponential: {factor: 3}}, jitter: {from: "
               "PT2S, to: PT1S}, limit: {count: 3}}\ndo: []"),
      "4 /use/retries/x/backoff/exponential/factor: a backoff has no field 'factor'\n"
      "4 /use/retries/x/limit/count: a retry limit has no field 'count'; write it as attempt: "
      "{count: …}\n"
      "4 /use/retries/x/jitter: 'from' is longer than 'to'; exchange them");
}

TEST(ParserProblems, AreAllReportedUpToAHundred) {
  std::string body = "do:\n";
  for (int i = 0; i < 200; ++i) body += fmt::format("  - t{}: {{set: {{}}}}\n", i);
  const auto definition = parse_definition(std::string(kHead) + body);
  ASSERT_FALSE(definition);
  EXPECT_EQ(definition.error().size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(definition.error()[std::size_t(i)].line, i + 3);
}

TEST(ParserProblems, NeverCarryLongInputBack) {
  const std::string name(2000, 'n');
  const auto definition = parse_definition(std::string(kHead) + "do: [{a: {" + name + ": 1}}]");
  ASSERT_FALSE(definition);
  for (const Problem& problem : definition.error()) {
    EXPECT_LT(problem.message.size(), 400u);
    EXPECT_LT(problem.pointer.size(), 1100u);
  }
  EXPECT_TRUE(document_problems("{\"" + std::string(3000, 'n') + "\": 1}")
                  .ends_with("have more than 2048 bytes; use shorter names"));
}

TEST(ParserProblems, PrintAsFileLinePointerMessage) {
  EXPECT_EQ(to_text(Problem{3, "/do/0/a", "is wrong; mend it"}, "flow.yaml"),
            "flow.yaml:3: /do/0/a: is wrong; mend it");
  EXPECT_EQ(to_text(Problem{1, "", "is empty"}, "flow.yaml"), "flow.yaml:1: /: is empty");
}

TEST(ParserProblems, OfReusablePartsThatGrowTooMuch) {
  std::string body = "use: {errors: {e: {type: 'https://x.io', status: 400, detail: '" +
                     std::string(500'000, 'x') + "'}}}\ndo:\n";
  for (int i = 0; i < 100; ++i) body += fmt::format("  - t{}: {{raise: {{error: e}}}}\n", i);
  EXPECT_EQ(problems(body),
            "20 /do/16/t16/raise/error: reusable parts grow to more than 8388608 "
            "bytes with all their uses; make them smaller");
}

TEST(ParserProblems, OfTooManyTasks) {
  const auto definition = parse_definition(
      std::string(kHead) + "do: [{a: {set: {x: 1}}}, {b: {set: {x: 1}}}]", {.max_tasks = 1});
  ASSERT_FALSE(definition);
  EXPECT_EQ(definition.error().at(0).message, "more than 1 tasks; divide the workflow");
}

}  // namespace
}  // namespace auterity::engine
