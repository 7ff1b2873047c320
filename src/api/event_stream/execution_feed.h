#pragma once
// Live history of executions as server-sent events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html).
//
// Purpose: one stream a client, fed from the store; the bus says when to look, and a look every
// second is the safety net. Invariants: events come in order, none is left out or doubled, also
// across a reconnect with Last-Event-ID; a stream reads the next events only when the client has
// taken those before, so that a slow one costs one batch of memory. Ends when the execution has
// ended, or with a hint to reconnect when this process drains.
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "api/http_server/response.h"
#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/uuid.h"
#include "engine/executor/engine.h"
#include "engine/store/execution_store.h"

namespace auterity::api {

class ExecutionFeed {
 public:
  static constexpr std::size_t kMostStreams = 1024;

  ExecutionFeed(Executor executor, Clock& clock, engine::ExecutionStore& executions,
                engine::WakeBus& bus);
  ~ExecutionFeed();

  // Events after number `after`. nullptr when the execution has ended and they all were seen.
  // not_found; rate_limited with too many streams in this process.
  Async<Result<std::unique_ptr<BodySource>>> open(Uuid execution, std::int64_t after);
  // Ends every stream that is open now after what it is sending; clients come back where the
  // balancer leads them.
  void end_streams();
  // The same, and for every stream that is opened from now on.
  void begin_drain();
  std::size_t streams() const;

 private:
  class Stream;
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace auterity::api
