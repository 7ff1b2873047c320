#pragma once
// The DSL's schema (1.0.3) as tables: for each object the fields it may have, and for each field
// what it may hold. One walker (grammar_check.cpp) reads them, so that unknown fields, missing
// fields and wrong types are found and worded in one place. What tables cannot say (names that
// resolve, flow, expressions) is checked by the builders.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/definition/problem_list.h"
#include "engine/definition/source_tree.h"
#include "engine/definition/text_checks.h"

namespace auterity::engine::grammar {

// What a value may be; several may be allowed.
enum Kind : unsigned {
  kText = 1,
  kFlag = 2,  // true or false
  kInteger = 4,
  kObject = 8,
  kList = 16,
  kAnything = 32,
};

struct ObjectRule;

// What is wrong with a text and what to write instead; empty when nothing is.
using TextCheck = std::string (*)(std::string_view text);
// Rules between the fields of one object.
using ObjectCheck = void (*)(const Node& object, ProblemList& problems);
// The rule of an object whose fields depend on its content; nullptr (with a problem) when it cannot
// be told.
using Choose = const ObjectRule* (*)(const Node& object, ProblemList& problems);

struct ValueRule {
  unsigned kinds = kText;
  const ObjectRule* object = nullptr;                // of a kObject; nullptr: any members
  Choose choose = nullptr;                           // instead of `object`
  const ValueRule* items = nullptr;                  // of a kList; nullptr: any items
  TextCheck check = nullptr;                         // of a kText
  std::span<const std::string_view> choices = {};    // of a kText
  std::int64_t least = INT64_MIN, most = INT64_MAX;  // of a kInteger
  std::size_t least_items = 0;                       // of a kList
};

struct Field {
  std::string_view name;
  ValueRule value;
  bool required = false;
  std::string_view example = {};  // how to write it, shown when it is missing
};

struct ObjectRule {
  std::string_view title;  // "a retry policy", as it stands in messages
  std::span<const Field> fields = {};
  std::span<const Field> more_fields = {};  // of the task base, for a task
  const ValueRule* each = nullptr;          // of every other member; nullptr: none allowed …
  bool open = false;                        // … unless this is set
  std::span<const std::string_view> exactly_one = {};  // of these fields
  std::size_t least_members = 0, most_members = SIZE_MAX;
  ObjectCheck check = nullptr;
  std::string_view example = {};  // shown when something else stands in its place
};

constexpr ValueRule object(const ObjectRule& rule) { return {.kinds = kObject, .object = &rule}; }
constexpr ValueRule text_or_object(const ObjectRule& rule) {
  return {.kinds = kText | kObject, .object = &rule};
}
constexpr ValueRule choice(std::span<const std::string_view> choices) {
  return {.kinds = kText, .choices = choices};
}
constexpr ValueRule checked(TextCheck check) { return {.kinds = kText, .check = check}; }
constexpr ValueRule list_of(const ValueRule& item, std::size_t least = 0) {
  return {.kinds = kList, .items = &item, .least_items = least};
}
inline constexpr ValueRule kPlainText{.kinds = kText};
inline constexpr ValueRule kAnyObject{.kinds = kObject};
inline constexpr ValueRule kAnyValue{.kinds = kAnything};
inline constexpr ValueRule kTrueOrFalse{.kinds = kFlag};
inline constexpr ValueRule kTextOrAnyObject{.kinds = kText | kObject};
inline constexpr ValueRule kTexts{.kinds = kList, .items = &kPlainText};

// Objects used by more than one file of tables.
extern const ObjectRule kRoot, kInput, kOutput, kExport, kTimeout;     // grammar_document.cpp
extern const ObjectRule kDurationObject, kRetryPolicy, kErrorObject;   // grammar_document.cpp
extern const ObjectRule kEndpointObject, kExternalResource, kTextMap;  // grammar_resources.cpp
extern const ObjectRule kAuthentication, kReferableAuthentication;     // grammar_resources.cpp
extern const ObjectRule kEmit, kEventConsumption, kListen,
    kSubscriptionIterator;                                               // grammar_events.cpp
extern const ObjectRule kTaskItem;                                       // grammar_tasks.cpp
extern const ObjectRule kRun;                                            // grammar_run.cpp
const ObjectRule* choose_task(const Node& task, ProblemList& problems);  // grammar_tasks.cpp
const ObjectRule* choose_call(const Node& task, ProblemList& problems);  // grammar_calls.cpp

inline constexpr ValueRule kDuration{
    .kinds = kText | kObject, .object = &kDurationObject, .check = check_duration_text};
inline constexpr ValueRule kEndpoint{
    .kinds = kText | kObject, .object = &kEndpointObject, .check = check_uri};
inline constexpr ValueRule kTask{.kinds = kObject, .choose = choose_task};
inline constexpr ValueRule kOneTask{.kinds = kObject, .object = &kTaskItem};
inline constexpr ValueRule kTaskList{.kinds = kList, .items = &kOneTask};
inline constexpr ValueRule kTextOrTextMap{
    .kinds = kText | kObject, .object = &kTextMap, .check = check_expression};

inline constexpr std::string_view kReadModes[] = {"data", "envelope", "raw"};
inline constexpr std::string_view kHttpOutputs[] = {"raw", "content", "response"};

// Fields that every task may have.
inline constexpr Field kTaskBase[] = {
    {"if", checked(check_not_empty)},
    {"input", object(kInput)},
    {"output", object(kOutput)},
    {"export", object(kExport)},
    {"timeout", text_or_object(kTimeout)},
    {"then", checked(check_not_empty)},
    {"metadata", kAnyObject},
};

// Adds a problem for everything in `node` that the rule does not allow.
void check(const Node& node, const ValueRule& rule, ProblemList& problems);

}  // namespace auterity::engine::grammar
