// Tables of events: emit, listen, and what schedules and subscriptions consume.
#include "engine/definition/grammar.h"

namespace auterity::engine::grammar {
namespace {

constexpr Field kEventFields[] = {
    {"id", kPlainText},
    {"source", checked(check_uri)},
    {"type", checked(check_not_empty)},
    {"time", checked(check_time)},
    {"subject", kPlainText},
    {"datacontenttype", kPlainText},
    {"dataschema", checked(check_uri)},
    {"data", kAnyValue},
};
// Of an event to emit `type` alone is required; a filter needs at least one attribute to look at.
void check_emitted(const Node& event, ProblemList& problems) {
  if (!event.find("type"))
    problems.add(event,
                 "an event to emit needs 'type'; write for example type: "
                 "com.example.order.placed.v1");
}
constinit const ObjectRule kEmittedProperties{
    .title = "'with' of an event", .fields = kEventFields, .open = true, .check = check_emitted};
constexpr Field kEmittedFields[] = {
    {"with", object(kEmittedProperties), true, "with: {type: com.example.order.placed.v1}"}};
constinit const ObjectRule kEmittedEvent{
    .title = "an event to emit", .fields = kEmittedFields, .open = true};
constexpr Field kEmitFields[] = {
    {"event", object(kEmittedEvent), true, "event: {with: {type: com.example.order.placed.v1}}"}};

constinit const ObjectRule kFilterProperties{
    .title = "'with' of an event filter", .fields = kEventFields, .open = true, .least_members = 1};
constexpr Field kCorrelationFields[] = {{"from", checked(check_not_empty), true, "from: .orderId"},
                                        {"expect", kPlainText}};
constinit const ObjectRule kCorrelation{
    .title = "a correlation", .fields = kCorrelationFields, .open = true};
constexpr ValueRule kOneCorrelation = object(kCorrelation);
constinit const ObjectRule kCorrelations{.title = "correlate", .each = &kOneCorrelation};
constexpr Field kFilterFields[] = {
    {"with", object(kFilterProperties), true, "with: {type: com.example.order.placed.v1}"},
    {"correlate", object(kCorrelations)},
};
constinit const ObjectRule kEventFilter{.title = "an event filter", .fields = kFilterFields};
constexpr ValueRule kOneFilter = object(kEventFilter);

constexpr std::string_view kStrategies[] = {"all", "any", "one"};
void check_consumption(const Node& strategy, ProblemList& problems) {
  const auto until = strategy.find("until");
  if (!until) return;
  if (!strategy.find("any")) {
    problems.add(*until, "'until' goes with 'any' only; remove it");
    return;
  }
  if (const auto nested = until->find("until"))
    problems.add(*nested, "the events of 'until' cannot have an 'until' of their own; remove it");
}
constexpr Field kConsumptionFields[] = {
    {"all", list_of(kOneFilter)},
    {"any", list_of(kOneFilter)},
    {"one", kOneFilter},
    {"until", text_or_object(kEventConsumption)},
};

constexpr Field kListenFields[] = {
    {"to", object(kEventConsumption), true, "to: {one: {with: {type: com.example.started}}}"},
    {"read", choice(kReadModes)},
};

constexpr Field kIteratorFields[] = {
    {"item", checked(check_variable)}, {"at", checked(check_variable)}, {"do", kTaskList},
    {"output", object(kOutput)},       {"export", object(kExport)},
};

}  // namespace

constinit const ObjectRule kEmit{.title = "emit", .fields = kEmitFields};
constinit const ObjectRule kEventConsumption{.title = "a choice of events",
                                             .fields = kConsumptionFields,
                                             .exactly_one = kStrategies,
                                             .check = check_consumption};
constinit const ObjectRule kListen{.title = "listen", .fields = kListenFields};
constinit const ObjectRule kSubscriptionIterator{.title = "foreach", .fields = kIteratorFields};

}  // namespace auterity::engine::grammar
