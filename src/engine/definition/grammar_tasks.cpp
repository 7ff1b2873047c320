// Tables of tasks: which keyword a task has, and its fields. Calls and run have files of their own.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/definition/grammar.h"
#include "engine/definition/suggestion.h"

namespace auterity::engine::grammar {
namespace {

constexpr Field kDoFields[] = {{"do", kTaskList}};
constinit const ObjectRule kDo{.title = "a do task", .fields = kDoFields, .more_fields = kTaskBase};

constexpr ValueRule kForItem = kAnyObject;
constexpr Field kForClauseFields[] = {
    {"each", checked(check_variable)},
    {"in", ValueRule{.kinds = kText | kList, .items = &kForItem, .check = check_not_empty}, true,
     "in: .items"},
    {"at", checked(check_variable)},
};
constinit const ObjectRule kForClause{.title = "for", .fields = kForClauseFields};
constexpr Field kForFields[] = {
    {"for", object(kForClause)},
    {"while", checked(check_not_empty)},
    {"do", kTaskList, true, "do: [{remember: {set: {seen: '${ $item }'}}}]"},
};
constinit const ObjectRule kFor{
    .title = "a for task", .fields = kForFields, .more_fields = kTaskBase};

constexpr Field kForkClauseFields[] = {
    {"branches", kTaskList, true, "branches: [{left: {…}}, {right: {…}}]"},
    {"compete", kTrueOrFalse},
};
constinit const ObjectRule kForkClause{.title = "fork", .fields = kForkClauseFields};
constexpr Field kForkFields[] = {{"fork", object(kForkClause)}};
constinit const ObjectRule kFork{
    .title = "a fork task", .fields = kForkFields, .more_fields = kTaskBase};

constexpr Field kEmitFields[] = {{"emit", object(kEmit)}};
constinit const ObjectRule kEmitTask{
    .title = "an emit task", .fields = kEmitFields, .more_fields = kTaskBase};

constexpr Field kListenFields[] = {{"listen", object(kListen)},
                                   {"foreach", object(kSubscriptionIterator)}};
constinit const ObjectRule kListenTask{
    .title = "a listen task", .fields = kListenFields, .more_fields = kTaskBase};

constexpr Field kRaiseClauseFields[] = {
    {"error", text_or_object(kErrorObject), true, "error: {type: …, status: 400}"}};
constinit const ObjectRule kRaiseClause{.title = "raise", .fields = kRaiseClauseFields};
constexpr Field kRaiseFields[] = {{"raise", object(kRaiseClause)}};
constinit const ObjectRule kRaise{
    .title = "a raise task", .fields = kRaiseFields, .more_fields = kTaskBase};

constexpr Field kRunFields[] = {{"run", object(kRun)}};
constinit const ObjectRule kRunTask{
    .title = "a run task", .fields = kRunFields, .more_fields = kTaskBase};

constinit const ObjectRule kSetObject{.title = "set", .open = true, .least_members = 1};
constexpr Field kSetFields[] = {{"set", text_or_object(kSetObject)}};
constinit const ObjectRule kSet{
    .title = "a set task", .fields = kSetFields, .more_fields = kTaskBase};

constexpr Field kCaseFields[] = {
    {"when", checked(check_not_empty)},
    {"then", checked(check_not_empty), true, "then: continue"},
};
constinit const ObjectRule kCase{.title = "a switch case", .fields = kCaseFields};
constexpr ValueRule kOneCase = object(kCase);
constinit const ObjectRule kCaseItem{
    .title = "an item of switch", .each = &kOneCase, .least_members = 1, .most_members = 1};
constexpr ValueRule kNamedCase = object(kCaseItem);
constexpr Field kSwitchFields[] = {{"switch", list_of(kNamedCase, 1)}};
constinit const ObjectRule kSwitch{
    .title = "a switch task", .fields = kSwitchFields, .more_fields = kTaskBase};

constexpr Field kErrorFilterFields[] = {
    {"type", kPlainText},     {"status", ValueRule{.kinds = kInteger, .least = 0, .most = 999}},
    {"instance", kPlainText}, {"title", kPlainText},
    {"detail", kPlainText},
};
constinit const ObjectRule kErrorFilter{
    .title = "an error filter", .fields = kErrorFilterFields, .least_members = 1};
constexpr Field kCatchErrorsFields[] = {{"with", object(kErrorFilter)}};
constinit const ObjectRule kCatchErrors{.title = "errors", .fields = kCatchErrorsFields};
constexpr Field kCatchFields[] = {
    {"errors", object(kCatchErrors)},        {"as", checked(check_variable)},
    {"when", checked(check_not_empty)},      {"exceptWhen", checked(check_not_empty)},
    {"retry", text_or_object(kRetryPolicy)}, {"do", kTaskList},
    {"then", checked(check_not_empty)},
};
constinit const ObjectRule kCatch{.title = "a catch clause", .fields = kCatchFields};
constexpr Field kTryFields[] = {
    {"try", kTaskList}, {"catch", object(kCatch), true, "catch: {errors: {with: {status: 503}}}"}};
constinit const ObjectRule kTry{
    .title = "a try task", .fields = kTryFields, .more_fields = kTaskBase};

constexpr Field kWaitFields[] = {{"wait", kDuration}};
constinit const ObjectRule kWait{
    .title = "a wait task", .fields = kWaitFields, .more_fields = kTaskBase};

struct Keyword {
  std::string_view name;
  const ObjectRule* rule;  // nullptr: depends on the call
};
// `for` before `do`, which is a part of it.
constexpr Keyword kKeywords[] = {
    {"call", nullptr},    {"for", &kFor},           {"do", &kDo},       {"fork", &kFork},
    {"emit", &kEmitTask}, {"listen", &kListenTask}, {"raise", &kRaise}, {"run", &kRunTask},
    {"set", &kSet},       {"switch", &kSwitch},     {"try", &kTry},     {"wait", &kWait},
};
constexpr std::string_view kKeywordNames[] = {"call",  "do",  "emit", "for",    "fork", "listen",
                                              "raise", "run", "set",  "switch", "try",  "wait"};

void report_no_keyword(const Node& task, ProblemList& problems) {
  for (std::size_t i = 0; i < task.size(); ++i)
    if (const auto nearest = find_nearest(task.key(i), kKeywordNames)) {
      problems.add(task.child(i), fmt::format("a task has no field {}; did you mean '{}'?",
                                              quoted(task.key(i)), *nearest));
      return;
    }
  problems.add(task, fmt::format("a task needs one of {}", fmt::join(kKeywordNames, ", ")));
}

}  // namespace

constinit const ObjectRule kTaskItem{
    .title = "an item of a task list", .each = &kTask, .least_members = 1, .most_members = 1};

const ObjectRule* choose_task(const Node& task, ProblemList& problems) {
  std::vector<const Keyword*> present;
  for (const Keyword& keyword : kKeywords)
    if (task.find(keyword.name)) present.push_back(&keyword);
  if (present.size() == 2 && present[0]->name == "for" && present[1]->name == "do")
    present.pop_back();
  if (present.empty()) {
    report_no_keyword(task, problems);
    return nullptr;
  }
  if (present.size() > 1) {
    std::vector<std::string_view> names;
    for (const Keyword* keyword : present) names.push_back(keyword->name);
    problems.add(task, fmt::format("a task does one thing, but this one has {}; make it {} tasks",
                                   fmt::join(names, " and "), names.size()));
    return nullptr;
  }
  return present[0]->rule != nullptr ? present[0]->rule : choose_call(task, problems);
}

}  // namespace auterity::engine::grammar
