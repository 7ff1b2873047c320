#pragma once
// The requests of a load by their schedule: each is sent when it is due whether or not those before
// it were answered, and its latency counts from then, so that a platform that stands still is not
// spared the requests of that time. With all connections busy requests go out late, never not.
#include "core/task_group.h"
#include "operations/prove/load_client.h"

namespace auterity::operations {

class PacedRequests {
 public:
  explicit PacedRequests(Executor executor, LoadWorld& world);

  // Its tasks end some time after the world is ending.
  void spawn_into(TaskGroup& group);

 private:
  Async<void> send_requests();
  // Whether the answer was as it must be.
  Async<bool> send(LoadClient& client, std::uint64_t number);
  Async<bool> list(LoadClient& client);
  Async<bool> read(LoadClient& client, std::uint64_t number);
  Async<bool> start(LoadClient& client, StartKind kind, std::string_view prefer);
  Async<bool> start_again(LoadClient& client, std::uint64_t number);
  Async<bool> upload(LoadClient& client, std::uint64_t number);
  Async<bool> download(LoadClient& client, std::uint64_t number);

  Executor executor_;
  LoadWorld& world_;
  Duration began_{};
  std::uint64_t next_ = 0;
};

}  // namespace auterity::operations
