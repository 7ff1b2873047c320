// The walker of the grammar's tables.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "engine/definition/grammar.h"
#include "engine/definition/suggestion.h"

namespace auterity::engine::grammar {
namespace {

void check_value(const Node& node, const ValueRule& rule, std::string_view example,
                 ProblemList& problems);

std::string_view kind_of(const Json& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      return "nothing (null)";
    case boost::json::kind::bool_:
      return "true or false";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
      return "a whole number";
    case boost::json::kind::double_:
      return "a number";
    case boost::json::kind::string:
      return "text";
    case boost::json::kind::array:
      return "a list";
    case boost::json::kind::object:
      return "a map";
  }
  return "unknown";
}

bool allows(unsigned kinds, const Json& value) {
  if (kinds & kAnything) return true;
  switch (value.kind()) {
    case boost::json::kind::bool_:
      return kinds & kFlag;
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
      return kinds & kInteger;
    case boost::json::kind::string:
      return kinds & kText;
    case boost::json::kind::array:
      return kinds & kList;
    case boost::json::kind::object:
      return kinds & kObject;
    default:
      return false;
  }
}

std::string expected_kinds(const ValueRule& rule) {
  std::vector<std::string> words;
  if (rule.kinds & kText) words.emplace_back("text");
  if (rule.kinds & kFlag) words.emplace_back("true or false");
  if (rule.kinds & kInteger) words.emplace_back("a whole number");
  if (rule.kinds & kList) words.emplace_back("a list");
  if (rule.kinds & kObject)
    words.push_back(rule.object != nullptr ? fmt::format("a map ({})", rule.object->title)
                                           : "a map");
  return fmt::format("{}", fmt::join(words, " or "));
}

void report_kind(const Node& node, const ValueRule& rule, std::string_view example,
                 ProblemList& problems) {
  const Json& value = node.value();
  std::string hint;
  if (rule.object != nullptr && !rule.object->example.empty())
    hint = fmt::format("; write for example {}", rule.object->example);
  else if (!example.empty())
    hint = fmt::format("; write for example {}", example);
  else if ((rule.kinds & kText) && value.is_primitive() && !value.is_null() && !value.is_double())
    hint = fmt::format("; put it in quotes: '{}'", auterity::to_text(value));
  problems.add(node,
               fmt::format("must be {}, but is {}{}", expected_kinds(rule), kind_of(value), hint));
}

void check_text(const Node& node, const ValueRule& rule, ProblemList& problems) {
  if (!rule.choices.empty() && std::ranges::find(rule.choices, node.text()) == rule.choices.end()) {
    problems.add(node, fmt::format("{} is not possible here{}", quoted(node.text()),
                                   suggestion(node.text(), rule.choices, "write one of")));
    return;
  }
  if (rule.check == nullptr) return;
  std::string message = rule.check(node.text());
  if (!message.empty()) problems.add(node, std::move(message));
}

void check_integer(const Node& node, const ValueRule& rule, ProblemList& problems) {
  const Json& value = node.value();
  const bool fits =
      value.is_int64() && value.get_int64() >= rule.least && value.get_int64() <= rule.most;
  if (fits) return;
  problems.add(node, rule.most == INT64_MAX
                         ? fmt::format("must be {} or more", rule.least)
                         : fmt::format("must be from {} to {}", rule.least, rule.most));
}

void check_list(const Node& node, const ValueRule& rule, ProblemList& problems) {
  if (node.size() < rule.least_items)
    problems.add(node, fmt::format("needs at least {} item{}", rule.least_items,
                                   rule.least_items == 1 ? "" : "s"));
  if (rule.items == nullptr) return;
  for (std::size_t i = 0; i < node.size() && !problems.full(); ++i)
    check(node.child(i), *rule.items, problems);
}

const Field* find_field(const ObjectRule& rule, std::string_view name) {
  for (const auto fields : {rule.fields, rule.more_fields})
    for (const Field& field : fields)
      if (field.name == name) return &field;
  return nullptr;
}

// Mistakes that come from older versions of the DSL or from its own samples.
struct KnownMistake {
  std::string_view object, field, hint;
};
constexpr KnownMistake kKnownMistakes[] = {
    {"'with' of an HTTP call", "uri", "write it as endpoint: {uri: …}"},
    {"'with' of an HTTP call", "url", "write it as endpoint"},
    {"'with' of an HTTP call", "authentication",
     "it belongs to the endpoint: endpoint: {uri: …, authentication: …}"},
    {"a catch clause", "with", "write it as errors: {with: …}"},
    {"a retry limit", "count", "write it as attempt: {count: …}"},
    {"a retry policy", "count", "write it as limit: {attempt: {count: …}}"},
    {"emit", "with", "write it as event: {with: …}"},
    {"a wait task", "for", "the duration stands under wait itself: wait: {seconds: 30}"},
};

void report_unknown_field(const Node& member, std::string_view name, const ObjectRule& rule,
                          ProblemList& problems) {
  for (const KnownMistake& mistake : kKnownMistakes)
    if (mistake.object == rule.title && mistake.field == name) {
      problems.add(member,
                   fmt::format("{} has no field {}; {}", rule.title, quoted(name), mistake.hint));
      return;
    }
  std::vector<std::string_view> known;
  for (const auto fields : {rule.fields, rule.more_fields})
    for (const Field& field : fields) known.push_back(field.name);
  problems.add(member, fmt::format("{} has no field {}{}", rule.title, quoted(name),
                                   suggestion(name, known)));
}

void check_members(const Node& node, const ObjectRule& rule, ProblemList& problems) {
  for (std::size_t i = 0; i < node.size() && !problems.full(); ++i) {
    const Node member = node.child(i);
    if (const Field* field = find_field(rule, node.key(i)))
      check_value(member, field->value, field->example, problems);
    else if (rule.each != nullptr)
      check(member, *rule.each, problems);
    else if (!rule.open)
      report_unknown_field(member, node.key(i), rule, problems);
  }
}

void check_required(const Node& node, const ObjectRule& rule, ProblemList& problems) {
  for (const auto fields : {rule.fields, rule.more_fields})
    for (const Field& field : fields)
      if (field.required && !node.find(field.name))
        problems.add(node, field.example.empty()
                               ? fmt::format("{} needs '{}'", rule.title, field.name)
                               : fmt::format("{} needs '{}'; write for example {}", rule.title,
                                             field.name, field.example));
  if (rule.exactly_one.empty()) return;
  std::vector<std::string_view> present;
  for (const std::string_view name : rule.exactly_one)
    if (node.find(name)) present.push_back(name);
  if (present.empty())
    problems.add(node,
                 fmt::format("{} needs one of: {}", rule.title, fmt::join(rule.exactly_one, ", ")));
  else if (present.size() > 1)
    problems.add(node, fmt::format("{} takes only one of {}; keep one of them", rule.title,
                                   fmt::join(present, ", ")));
}

void check_object(const Node& node, const ValueRule& value_rule, ProblemList& problems) {
  const ObjectRule* rule =
      value_rule.choose != nullptr ? value_rule.choose(node, problems) : value_rule.object;
  if (rule == nullptr) return;
  if (node.size() < rule->least_members)
    problems.add(node, fmt::format("{} needs at least {} member{}", rule->title,
                                   rule->least_members, rule->least_members == 1 ? "" : "s"));
  if (node.size() > rule->most_members) {
    // What follows is most likely indented wrongly; more problems with it would only confuse.
    problems.add(node, fmt::format("{} takes one name only; begin another item with '- ' (check "
                                   "the indentation of what follows)",
                                   rule->title));
    return;
  }
  check_required(node, *rule, problems);
  check_members(node, *rule, problems);
  if (rule->check != nullptr) rule->check(node, problems);
}

void check_value(const Node& node, const ValueRule& rule, std::string_view example,
                 ProblemList& problems) {
  if (problems.full() || (rule.kinds & kAnything)) return;
  if (!allows(rule.kinds, node.value())) return report_kind(node, rule, example, problems);
  if (node.is_string()) return check_text(node, rule, problems);
  if (node.is_array()) return check_list(node, rule, problems);
  if (node.is_object()) return check_object(node, rule, problems);
  if (node.value().is_number()) return check_integer(node, rule, problems);
}

}  // namespace

void check(const Node& node, const ValueRule& rule, ProblemList& problems) {
  check_value(node, rule, {}, problems);
}

}  // namespace auterity::engine::grammar
