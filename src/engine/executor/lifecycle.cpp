#include "engine/executor/lifecycle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>

namespace auterity::engine {
namespace {

struct EventFacts {
  std::string_view type;
  std::string_view time_member;
};

constexpr std::array<EventFacts, 14> kEvents = {{
    {"workflow.started", "startedAt"},
    {"workflow.suspended", "suspendedAt"},
    {"workflow.resumed", "resumedAt"},
    {"workflow.cancelled", "cancelledAt"},
    {"workflow.faulted", "faultedAt"},
    {"workflow.completed", "completedAt"},
    {"task.created", "createdAt"},
    {"task.started", "startedAt"},
    {"task.suspended", "suspendedAt"},
    {"task.resumed", "resumedAt"},
    {"task.retried", "retriedAt"},
    {"task.cancelled", "cancelledAt"},
    {"task.faulted", "faultedAt"},
    {"task.completed", "completedAt"},
}};

std::string qualified_name(const Definition& definition, const Uuid& execution) {
  return fmt::format("{}-{}.{}", definition.name, to_text(execution), definition.name_space);
}

}  // namespace

std::optional<Json> to_cloud_event(const HistoryEvent& fact, const Definition& definition,
                                   const Uuid& execution) {
  const auto known = std::find_if(kEvents.begin(), kEvents.end(),
                                  [&](const EventFacts& event) { return event.type == fact.type; });
  if (known == kEvents.end()) return std::nullopt;
  JsonObject data;
  if (fact.data.is_object()) data = fact.data.get_object();
  const std::string name = qualified_name(definition, execution);
  data[known->time_member] = to_rfc3339(fact.at);
  if (fact.task.empty()) {
    data["name"] = name;
    data["definition"] = JsonObject{{"name", definition.name},
                                    {"namespace", definition.name_space},
                                    {"version", definition.version}};
  } else {
    data["workflow"] = name;
    data["task"] = fact.task;
  }
  return Json(JsonObject{
      {"specversion", "1.0"},
      {"id", fmt::format("{}:{}", to_text(execution), fact.number)},
      {"type", fmt::format("io.serverlessworkflow.{}.v1", fact.type)},
      {"source",
       fmt::format("/{}/{}/{}", definition.name_space, definition.name, definition.version)},
      {"subject", to_text(execution)},
      {"time", to_rfc3339(fact.at)},
      {"datacontenttype", "application/json"},
      {"data", std::move(data)},
  });
}

}  // namespace auterity::engine
