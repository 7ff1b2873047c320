#pragma once
// Live event streams of a load: each follows an execution of its own from its first event to its
// last, coming back with Last-Event-ID whenever the stream ends before that, and compares what it
// was told with the history that the platform keeps; then the next execution. Half of them follow
// executions that last, so that some are open whenever processes change; the load's end cancels
// these.
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/task_group.h"
#include "operations/prove/load_client.h"

namespace auterity::operations {

class FollowedStreams {
 public:
  explicit FollowedStreams(Executor executor, LoadWorld& world)
      : executor_(std::move(executor)), world_(world) {}

  // Its tasks follow what they began to its end when the world is ending.
  void spawn_into(TaskGroup& group);

 private:
  enum class Ending { complete, regular, cut };

  Async<void> follow_executions(StartKind kind);
  Async<void> cancel_lasting();
  Async<void> follow(LoadClient& client, std::string id);
  // One connection's worth of events, added to `seen`.
  Async<Ending> read_stream(LoadConnection& connection, const std::string& id,
                            std::vector<std::int64_t>& seen);
  Async<Ending> read_events(LoadConnection& connection, std::vector<std::int64_t>& seen);
  Async<void> compare(LoadClient& client, std::string id, std::vector<std::int64_t> seen);

  Executor executor_;
  LoadWorld& world_;
  std::set<std::string> lasting_;  // ids of those that are followed
};

}  // namespace auterity::operations
