#pragma once
// Server-sent events as they come off the wire, in pieces that end anywhere. Pure. Source: HTML
// standard, section 9.2.6; of its fields only `id` and `event` matter here.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace auterity::operations {

struct StreamEvent {
  std::int64_t number = 0;  // 0: without an id
  std::string type;
};

class EventText {
 public:
  // The events that are complete with this piece. What is left of an event belongs to the
  // connection: after a reconnect begin anew.
  std::vector<StreamEvent> add(std::string_view piece);

 private:
  void read_line(std::string_view line, std::vector<StreamEvent>& complete);

  std::string rest_;  // of a line
  StreamEvent event_;
};

// What a follower missed and what it was told more than once.
struct EventGaps {
  std::uint64_t lost = 0;
  std::uint64_t doubled = 0;
};
// `seen` in the order of arrival, `history` as the platform keeps it.
EventGaps compare_events(std::vector<std::int64_t> seen, std::vector<std::int64_t> history);

}  // namespace auterity::operations
