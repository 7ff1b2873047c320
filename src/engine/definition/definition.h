#pragma once
// A parsed workflow definition (Open Workflow DSL 1.0, https://open-workflow-specification.org):
// immutable, shared by every execution of it. Every task knows its JSON pointer ("/do/0/getPet");
// values that hold runtime expressions are kept as Template, compiled once (expression/template.h).
// parse_definition (parser.h) is the only producer, so whoever holds a Definition may rely on it:
// names resolve, flow directives stay in scope, durations and patterns are well formed, limits are
// kept.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "core/json.h"
#include "core/time.h"
#include "engine/expression/template.h"

namespace auterity::engine {

struct Task;
using TaskPtr = std::unique_ptr<const Task>;
// Tasks in declaration order.
using TaskList = std::vector<TaskPtr>;

// A literal length of time, or an expression that yields an ISO 8601 text or an object {days,
// hours, …}; see to_duration (duration.h).
struct DurationValue {
  std::variant<Duration, Template> value;
};

struct Schema {
  std::string format;  // "json"
  Json document;       // inline; null when `resource` is set
  std::optional<Template>
      resource_uri;  // fetched before first use, relative to the definition's folder
};

struct InputModel {
  std::optional<Schema> schema;
  std::optional<Template> from;
};
struct OutputModel {
  std::optional<Schema> schema;
  std::optional<Template> as;
};

// Where control goes after a task: the next one, out of this list, the end of the workflow, or a
// task of the same list.
struct FlowDirective {
  enum class Kind { next, exit, end, go_to } kind = Kind::next;
  std::size_t target = 0;  // index into the same list, for go_to
};

struct AuthenticationPolicy {
  enum class Kind { basic, bearer, digest, oauth2, oidc } kind = Kind::basic;
  std::optional<std::string> secret;  // `use: NAME`: the whole configuration is that secret's value
  Template properties;                // otherwise: {username,password}, {token}, … with expressions
};

struct ErrorModel {
  Template properties;  // {type, status, title?, detail?, instance?}
};

struct RetryPolicy {
  enum class Backoff { constant, exponential, linear } backoff = Backoff::constant;
  std::optional<Template> when;
  std::optional<Template> except_when;
  std::optional<DurationValue> delay;
  std::optional<std::int64_t> max_attempts;      // limit.attempt.count: retries after the first try
  std::optional<DurationValue> attempt_timeout;  // limit.attempt.duration: each attempt
  std::optional<DurationValue> total_timeout;    // limit.duration: all attempts together
  std::optional<DurationValue> jitter_from, jitter_to;
  // exponential and linear: a factor other than the defaults (2, delay) is not in the standard and
  // is refused.
};

// ---- one struct a task keyword
// -----------------------------------------------------------------------------------
struct DoTask {
  TaskList tasks;
};
struct SetTask {
  Template value;
};
struct SwitchCase {
  std::string name;
  std::optional<Template> when;  // absent: the default case
  FlowDirective then;
};
struct SwitchTask {
  std::vector<SwitchCase> cases;
};
struct ForTask {
  std::string each = "item";
  std::string at = "index";
  Template in;
  std::optional<Template> while_condition;
  TaskList tasks;
};
struct ForkTask {
  bool compete = false;
  TaskList branches;
};
struct CatchClause {
  Json with;  // static filter: members of {type,status,instance,title,detail}; null when absent
  std::string as = "error";
  std::optional<Template> when, except_when;
  std::optional<RetryPolicy> retry;
  TaskList tasks;
  std::optional<FlowDirective> then;
};
struct TryTask {
  TaskList tasks;
  CatchClause catch_clause;
};
struct RaiseTask {
  ErrorModel error;
};
struct WaitTask {
  DurationValue duration;
};
struct EmitTask {
  Template event;  // attributes of the CloudEvent
};
struct CallHttpTask {
  std::string method;  // upper case
  // Either an expression that yields a URI, or a URI template of RFC 6570 simple expansions over
  // top-level keys of the input.
  Template endpoint_uri;
  bool endpoint_is_template = true;
  std::optional<AuthenticationPolicy> authentication;
  std::optional<Template> headers, query, body;
  enum class Output { raw, content, response } output = Output::content;
  bool redirect = false;  // true: 3xx is a success too (200–399), and is followed
};
// A keyword of the DSL that this build parses and validates but cannot run yet.
struct UnsupportedTask {
  std::string keyword;  // "listen", "run", "call: grpc", …
};

using TaskBody = std::variant<DoTask, SetTask, SwitchTask, ForTask, ForkTask, TryTask, RaiseTask,
                              WaitTask, EmitTask, CallHttpTask, UnsupportedTask>;

struct Task {
  std::string name;
  std::string pointer;   // RFC 6901, "/do/0/tryGetPet/try/0/getPet"
  std::uint32_t id = 0;  // dense, 0…task_count-1 in document order: index of per-task tables
  std::optional<Template> condition;  // `if`
  InputModel input;
  OutputModel output;
  OutputModel export_to;  // `export`: as, schema
  std::optional<DurationValue> timeout;
  FlowDirective then;
  TaskBody body;
  const Json* source =
      nullptr;  // the task as written, for $task.definition; points into Definition::source
};

struct Schedule {
  std::optional<Duration> every;
  std::optional<std::string> cron;  // five fields, or @daily and the like; UTC
  std::optional<Duration> after;
};

// Something valid in the DSL that this build cannot run: an UnsupportedTask, an authentication
// scheme, an extension, … A runner refuses the definition (or the API marks it) with these words
// instead of failing halfway.
struct UnsupportedFeature {
  std::string pointer;  // where it is used
  std::string feature;  // "listen", "call: grpc", "authentication: oauth2", "schedule: on", …
};

struct Definition {
  std::string dsl, name_space, name, version, title, summary;
  Json tags, metadata;
  InputModel input;
  OutputModel output;
  std::vector<std::string> secrets;  // names declared by use.secrets
  std::optional<DurationValue> timeout;
  std::optional<Schedule> schedule;
  TaskList tasks;
  std::vector<const Task*> by_id;  // by Task::id
  std::unordered_map<std::string_view, const Task*>
      by_pointer;                               // keys are views of Task::pointer; see find_task
  std::vector<UnsupportedFeature> unsupported;  // empty: everything in it can run
  Json source;  // the document, for $workflow.definition and storage
  // Every Template in this definition, in compile order; one jq program holds them all.
  std::shared_ptr<const ExpressionSet> expressions;
};
using DefinitionPtr = std::shared_ptr<const Definition>;

// The task with this pointer, or nullptr.
const Task* find_task(const Definition& definition, std::string_view pointer);

}  // namespace auterity::engine
