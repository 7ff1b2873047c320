#include "engine/store/history_text.h"

#include <fmt/format.h>

#include <iterator>

namespace auterity::engine {
namespace {

// Stored documents passed their limits when they came in; these only stop damage from going on.
constexpr JsonLimits kStoredLimits{.max_bytes = 256u << 20, .max_depth = 1024};

void append_event(std::string& text, const HistoryEvent& event) {
  fmt::format_to(std::back_inserter(text), R"({{"n":{},"at":{},"type":)", event.number,
                 to_epoch_microseconds(event.at));
  append_text(text, event.type);
  if (!event.task.empty()) {
    text += R"(,"task":)";
    append_text(text, event.task);
  }
  if (!event.data.is_null()) {
    text += R"(,"data":)";
    append_text(text, event.data);
  }
  text += '}';
}

std::optional<std::int64_t> integer_member(const Json& value, std::string_view key) {
  const Json* member = find_member(value, key);
  if (!member || !member->is_number()) return std::nullopt;
  return member->to_number<std::int64_t>();
}

std::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorKind::internal, fmt::format("stored history is damaged: {}", what),
              "restore the database from a backup, or restart the execution from its beginning");
}

}  // namespace

std::string history_to_text(const std::vector<HistoryEvent>& events) {
  std::string text = "[";
  text.reserve(events.size() * 112 + 2);
  for (const HistoryEvent& event : events) {
    if (text.size() > 1) text += ',';
    append_event(text, event);
  }
  text += ']';
  return text;
}

Result<std::vector<HistoryEvent>> history_from_text(int format, std::string_view text) {
  if (format > kHistoryFormat)
    return fail(
        ErrorKind::not_ready,
        fmt::format("history has format {}, this version reads up to {}", format, kHistoryFormat),
        "use the version that wrote it, or a newer one");
  auto document = parse_json(text, kStoredLimits);
  if (!document) return damaged(document.error().message);
  if (!document->is_array()) return damaged("it is not an array");
  std::vector<HistoryEvent> events;
  events.reserve(document->get_array().size());
  for (Json& value : document->get_array()) {
    auto number = integer_member(value, "n");
    auto at = integer_member(value, "at");
    if (!number || !at) return damaged("an event lacks its number or time");
    HistoryEvent& event = events.emplace_back();
    event.number = *number;
    event.at = from_epoch_microseconds(*at);
    event.type = string_or(find_member(value, "type"), "");
    event.task = string_or(find_member(value, "task"), "");
    if (Json* data = value.get_object().if_contains("data")) event.data = std::move(*data);
  }
  return events;
}

}  // namespace auterity::engine
