// What parse_definition makes of valid documents.
#include "engine/definition/parser.h"

#include <gtest/gtest.h>

#include "engine/expression/template.h"

namespace auterity::engine {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kHead =
    "document: {dsl: '1.0.3', namespace: test, name: sample, version: '1.0.0'}\n";

DefinitionPtr parse(std::string_view body) {
  const auto definition = parse_definition(std::string(kHead) + std::string(body));
  if (definition) return *definition;
  for (const Problem& problem : definition.error()) ADD_FAILURE() << to_text(problem, "test");
  return std::make_shared<Definition>();
}

template <typename Body>
const Body& body_of(const DefinitionPtr& definition, std::string_view pointer) {
  const Task* task = find_task(*definition, pointer);
  if (task == nullptr) throw std::runtime_error("no task " + std::string(pointer));
  return std::get<Body>(task->body);
}

// The expression of a template that is one.
std::string expression_of(const DefinitionPtr& definition, const Template& value) {
  if (value.leaves().size() != 1 || !value.leaves()[0].first.empty()) return "none";
  return definition->expressions->expressions()[value.leaves()[0].second].text;
}

TEST(Parser, ReadsTheDocumentsHead) {
  const auto definition = parse_definition(R"(
document:
  dsl: '1.0.3'
  namespace: shop
  name: order
  version: '2.1.0-rc.1+build'
  title: Orders
  summary: '**All** of them'
  tags: {team: a}
  metadata: {x: [1]}
use: {secrets: [one, two]}
timeout: {after: {minutes: 2}}
schedule: {cron: '@daily'}
do: [{a: {set: {b: 1}}}]
)");
  ASSERT_TRUE(definition);
  const Definition& d = **definition;
  EXPECT_EQ(d.dsl, "1.0.3");
  EXPECT_EQ(d.name_space, "shop");
  EXPECT_EQ(d.name, "order");
  EXPECT_EQ(d.version, "2.1.0-rc.1+build");
  EXPECT_EQ(d.title, "Orders");
  EXPECT_EQ(d.summary, "**All** of them");
  EXPECT_EQ(d.tags, (Json{{"team", "a"}}));
  EXPECT_EQ(d.secrets, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(std::get<Duration>(d.timeout->value), 2min);
  EXPECT_EQ(d.schedule->cron, "@daily");
  EXPECT_EQ(*find_pointer(d.source, "/document/name"), Json("order"));
}

TEST(Parser, GivesTasksTheirPointersAndIdsInDocumentOrder) {
  const auto definition = parse(R"(
do:
  - loop:
      for: {in: .items}
      do:
        - inner: {set: {a: 1}}
  - guarded:
      try:
        - risky: {raise: {error: {type: 'https://x.io/e', status: 400}}}
      catch:
        do:
          - mend: {set: {a: 1}}
  - both:
      fork:
        branches:
          - left: {do: [{deep: {wait: PT1S}}]}
          - right: {set: {a: 1}}
  - 'odd/na~me': {set: {a: 1}}
)");
  std::vector<std::string> pointers;
  for (const Task* task : definition->by_id) {
    EXPECT_EQ(task->id, pointers.size());
    pointers.push_back(task->pointer);
    EXPECT_EQ(find_task(*definition, task->pointer), task);
    EXPECT_EQ(find_pointer(definition->source, task->pointer), task->source);
  }
  EXPECT_EQ(pointers,
            (std::vector<std::string>{"/do/0/loop", "/do/0/loop/do/0/inner", "/do/1/guarded",
                                      "/do/1/guarded/try/0/risky", "/do/1/guarded/catch/do/0/mend",
                                      "/do/2/both", "/do/2/both/fork/branches/0/left",
                                      "/do/2/both/fork/branches/0/left/do/0/deep",
                                      "/do/2/both/fork/branches/1/right", "/do/3/odd~1na~0me"}));
  EXPECT_EQ(find_task(*definition, "/do/9/none"), nullptr);
}

TEST(Parser, ReadsWhatAllTasksShare) {
  const auto definition = parse(R"(
use: {timeouts: {short: {after: PT5S}}}
do:
  - a:
      if: .go
      input: {from: .in, schema: {document: {type: object}}}
      output: {as: {x: '${ .y }'}, schema: {format: 'json:1', resource: {endpoint: schemas/o.json}}}
      export: {as: '${ $context + . }'}
      timeout: short
      then: c
      metadata: {any: thing}
      set: {v: 1}
  - b: {set: '${ .w }', then: exit}
  - c: {set: {v: 1}, timeout: {after: '${ .limit }'}, then: end}
)");
  const Task& a = *find_task(*definition, "/do/0/a");
  EXPECT_EQ(expression_of(definition, *a.condition), ".go");
  EXPECT_EQ(expression_of(definition, *a.input.from), ".in");
  EXPECT_EQ(a.input.schema->document, (Json{{"type", "object"}}));
  EXPECT_EQ(a.output.as->leaves().at(0).first, "/x");
  EXPECT_EQ(a.output.schema->resource_uri->value(), Json("schemas/o.json"));
  EXPECT_EQ(expression_of(definition, *a.export_to.as), "$context + .");
  EXPECT_EQ(std::get<Duration>(a.timeout->value), 5s);
  EXPECT_EQ(a.then.kind, FlowDirective::Kind::go_to);
  EXPECT_EQ(a.then.target, 2u);
  const Task& b = *find_task(*definition, "/do/1/b");
  EXPECT_EQ(b.then.kind, FlowDirective::Kind::exit);
  EXPECT_EQ(expression_of(definition, std::get<SetTask>(b.body).value), ".w");
  const Task& c = *find_task(*definition, "/do/2/c");
  EXPECT_EQ(c.then.kind, FlowDirective::Kind::end);
  EXPECT_EQ(expression_of(definition, std::get<Template>(c.timeout->value)), ".limit");
}

TEST(Parser, ReadsHttpCalls) {
  const auto definition = parse(R"(
use:
  secrets: [login]
  authentications: {shared: {basic: {use: login}}}
do:
  - short:
      call: http
      with: {method: get, endpoint: 'https://x.io/pets/{id}'}
  - long:
      call: http
      with:
        method: Post
        endpoint:
          uri: ${ .base + "/x" }
          authentication: {bearer: {token: '${ .token }'}}
        headers: {accept: text/plain, x-id: '${ .id }'}
        query: ${ .query }
        body: {n: '${ .n }'}
        output: response
        redirect: true
  - named:
      call: http
      with: {method: get, endpoint: {uri: /relative, authentication: {use: shared}}, output: raw}
)");
  const auto& brief = body_of<CallHttpTask>(definition, "/do/0/short");
  EXPECT_EQ(brief.method, "GET");
  EXPECT_TRUE(brief.endpoint_is_template);
  EXPECT_EQ(brief.endpoint_uri.value(), Json("https://x.io/pets/{id}"));
  EXPECT_EQ(brief.output, CallHttpTask::Output::content);
  EXPECT_FALSE(brief.redirect);

  const auto& full = body_of<CallHttpTask>(definition, "/do/1/long");
  EXPECT_EQ(full.method, "POST");
  EXPECT_FALSE(full.endpoint_is_template);
  EXPECT_EQ(full.authentication->kind, AuthenticationPolicy::Kind::bearer);
  EXPECT_EQ(full.authentication->properties.leaves().at(0).first, "/token");
  EXPECT_EQ(full.headers->leaves().at(0).first, "/x-id");
  EXPECT_EQ(expression_of(definition, *full.query), ".query");
  EXPECT_EQ(full.output, CallHttpTask::Output::response);
  EXPECT_TRUE(full.redirect);

  const auto& named = body_of<CallHttpTask>(definition, "/do/2/named");
  EXPECT_EQ(named.authentication->kind, AuthenticationPolicy::Kind::basic);
  EXPECT_EQ(named.authentication->secret, "login");
  EXPECT_EQ(named.output, CallHttpTask::Output::raw);
  EXPECT_TRUE(definition->unsupported.empty());
}

TEST(Parser, ReadsTryCatchAndRetry) {
  const auto definition = parse(R"(
use:
  retries:
    slow:
      when: .x
      exceptWhen: .y
      delay: {seconds: 3}
      backoff: {linear: {}}
      limit: {attempt: {count: 4, duration: PT10S}, duration: PT1M}
      jitter: {from: PT0.1S, to: '${ .most }'}
do:
  - a:
      try: [{x: {set: {v: 1}}}]
      catch:
        errors: {with: {status: 503}}
        as: problem
        when: .retryable
        retry: slow
        then: c
  - b:
      try: [{x: {set: {v: 1}}}]
      catch: {retry: {backoff: {exponential: {}}}, do: []}
  - c: {set: {v: 1}}
)");
  const auto& clause = body_of<TryTask>(definition, "/do/0/a").catch_clause;
  EXPECT_EQ(clause.with, (Json{{"status", 503}}));
  EXPECT_EQ(clause.as, "problem");
  EXPECT_EQ(expression_of(definition, *clause.when), ".retryable");
  EXPECT_EQ(clause.then->target, 2u);
  const RetryPolicy& retry = *clause.retry;
  EXPECT_EQ(retry.backoff, RetryPolicy::Backoff::linear);
  EXPECT_EQ(expression_of(definition, *retry.except_when), ".y");
  EXPECT_EQ(std::get<Duration>(retry.delay->value), 3s);
  EXPECT_EQ(retry.max_attempts, 4);
  EXPECT_EQ(std::get<Duration>(retry.attempt_timeout->value), 10s);
  EXPECT_EQ(std::get<Duration>(retry.total_timeout->value), 1min);
  EXPECT_EQ(std::get<Duration>(retry.jitter_from->value), 100ms);
  EXPECT_TRUE(std::holds_alternative<Template>(retry.jitter_to->value));

  const auto& plain = body_of<TryTask>(definition, "/do/1/b").catch_clause;
  EXPECT_EQ(plain.as, "error");
  EXPECT_TRUE(plain.with.is_null());
  EXPECT_FALSE(plain.then);
  EXPECT_EQ(plain.retry->backoff, RetryPolicy::Backoff::exponential);
  EXPECT_FALSE(plain.retry->max_attempts);
}

TEST(Parser, ReadsControlTasks) {
  const auto definition = parse(R"(
use: {errors: {broken: {type: 'https://x.io/e', status: 500, title: '${ .t }'}}}
do:
  - pick:
      switch:
        - big: {when: .n > 5, then: loop}
        - other: {then: end}
  - loop:
      for: {each: n, at: i, in: [{a: 1}, {a: 2}]}
      while: .go
      do: []
  - race: {fork: {compete: true, branches: [{x: {wait: {hours: 1}}}]}}
  - tell: {emit: {event: {with: {type: a.b, data: {v: '${ . }'}}}}}
  - fail: {raise: {error: broken}}
)");
  const auto& cases = body_of<SwitchTask>(definition, "/do/0/pick").cases;
  EXPECT_EQ(expression_of(definition, *cases[0].when), ".n > 5");
  EXPECT_EQ(cases[0].then.target, 1u);
  EXPECT_FALSE(cases[1].when);
  const auto& loop = body_of<ForTask>(definition, "/do/1/loop");
  EXPECT_EQ(loop.each + loop.at, "ni");
  EXPECT_TRUE(loop.in.is_literal());
  EXPECT_EQ(expression_of(definition, *loop.while_condition), ".go");
  EXPECT_TRUE(body_of<ForkTask>(definition, "/do/2/race").compete);
  EXPECT_EQ(body_of<EmitTask>(definition, "/do/3/tell").event.leaves().at(0).first, "/data/v");
  EXPECT_EQ(body_of<RaiseTask>(definition, "/do/4/fail").error.properties.leaves().at(0).first,
            "/title");
}

TEST(Parser, ReadsSchedules) {
  EXPECT_EQ(parse("schedule: {every: PT5M}\ndo: []")->schedule->every, 5min);
  EXPECT_EQ(parse("schedule: {after: {seconds: 1}}\ndo: []")->schedule->after, 1s);
  EXPECT_EQ(parse("schedule: {cron: '0 2 * * *'}\ndo: []")->schedule->cron, "0 2 * * *");
  const auto by_event = parse("schedule: {on: {one: {with: {type: x}}}, read: raw}\ndo: []");
  EXPECT_EQ(by_event->unsupported.at(0).pointer, "/schedule/on");
}

TEST(Parser, LooseModeTriesEveryTextAsAnExpression) {
  const auto definition = parse("evaluate: {mode: loose}\ndo: [{a: {set: {x: .y}}}]");
  EXPECT_TRUE(body_of<SetTask>(definition, "/do/0/a").value.is_lenient());
}

TEST(Parser, ChecksWhatItCannotRunAndNamesIt) {
  const auto definition = parse(R"(
use:
  functions: {greet: {set: {a: 1}}}
  extensions: [{log: {extend: all, before: [{x: {set: {a: 1}}}]}}]
do:
  - one: {listen: {to: {any: [], until: '. > 1'}}, foreach: {do: [{x: {set: {a: 1}}}]}}
  - two: {run: {script: {language: js, code: '1'}}}
  - three: {call: greet}
  - four: {call: 'fetch:1.0.0@default', with: {x: 1}}
  - five:
      call: http
      with:
        method: get
        endpoint: {uri: 'https://x.io', authentication: {digest: {username: a, password: b}}}
)");
  std::vector<std::string> features;
  for (const UnsupportedFeature& feature : definition->unsupported)
    features.push_back(feature.pointer + " " + feature.feature);
  EXPECT_EQ(features,
            (std::vector<std::string>{"/use/extensions/0/log extension", "/do/0/one listen",
                                      "/do/1/two run: script", "/do/2/three call: function",
                                      "/do/3/four call: function",
                                      "/do/4/five/with/endpoint/authentication authentication: "
                                      "digest"}));
  EXPECT_EQ(definition->by_id.size(), 5u) << "tasks that are only checked have no id";
  EXPECT_EQ(body_of<UnsupportedTask>(definition, "/do/1/two").keyword, "run: script");
}

TEST(Parser, ReadsTheSameFromJson) {
  const auto definition = parse_definition(
      R"({"document": {"dsl": "1.0.0", "namespace": "n", "name": "m", "version": "0.0.1"},
          "do": [{"a": {"set": {"x": "${ .y }"}}}]})");
  ASSERT_TRUE(definition);
  EXPECT_EQ(find_task(**definition, "/do/0/a")->name, "a");
}

TEST(Parser, FindsTheLineOfAPointer) {
  constexpr std::string_view text = "a:\n  b:\n    - x\n    - c: 1\n";
  EXPECT_EQ(find_line(text, "/a/b/1/c"), 4);
  EXPECT_EQ(find_line(text, "/a/b/0"), 3);
  EXPECT_EQ(find_line(text, "/a/nothing/here"), 1);
  EXPECT_EQ(find_line("a: [", "/a"), 0);
}

}  // namespace
}  // namespace auterity::engine
