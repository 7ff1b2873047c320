#include "operations/prove/event_text.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace auterity::operations {

std::vector<StreamEvent> EventText::add(std::string_view piece) {
  std::vector<StreamEvent> complete;
  rest_ += piece;
  std::size_t begin = 0;
  for (std::size_t end; (end = rest_.find('\n', begin)) != std::string::npos; begin = end + 1)
    read_line(std::string_view(rest_).substr(begin, end - begin), complete);
  rest_.erase(0, begin);
  return complete;
}

void EventText::read_line(std::string_view line, std::vector<StreamEvent>& complete) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) {
    if (event_.number != 0 || !event_.type.empty()) complete.push_back(std::move(event_));
    event_ = {};
    return;
  }
  const std::size_t colon = std::min(line.find(':'), line.size());
  std::string_view value = line.substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (line.substr(0, colon) == "id")
    std::from_chars(value.data(), value.data() + value.size(), event_.number);
  else if (line.substr(0, colon) == "event")
    event_.type = value;
}

EventGaps compare_events(std::vector<std::int64_t> seen, std::vector<std::int64_t> history) {
  EventGaps gaps;
  const auto count = seen.size();
  std::ranges::sort(seen);
  std::ranges::sort(history);
  const auto repeats = std::ranges::unique(seen);
  seen.erase(repeats.begin(), repeats.end());
  gaps.doubled = count - seen.size();
  std::vector<std::int64_t> missing;
  std::ranges::set_difference(history, seen, std::back_inserter(missing));
  gaps.lost = missing.size();
  return gaps;
}

}  // namespace auterity::operations
