#pragma once
// Wake-ups over Redis. Purpose: an engine in another process hears at once that something is
// claimable, an event stream that something happened. Within this process handlers are called
// directly; Redis only carries the word further. Losing it costs latency alone, since everything is
// polled too. Invariants: notify_*() never wait and never fail; the first change is told at once,
// and those that follow within a few milliseconds together, so that an execution of many steps does
// not wake every process at each of them; after a reconnection the ready handlers are called, since
// messages may have been missed.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/log.h"
#include "core/random.h"
#include "core/task_group.h"
#include "data/redis.h"
#include "engine/executor/engine.h"

namespace auterity::engine {

class RedisWakeBus final : public WakeBus {
 public:
  // `random` gives the name by which this process knows its own messages.
  RedisWakeBus(Executor executor, data::Redis& redis, Clock& clock, Log& log, Random& random);
  ~RedisWakeBus() override;

  void notify_ready() override;
  void notify_changed(Uuid execution) override;
  void on_ready(std::function<void()> handler) override;
  void on_changed(std::function<void(Uuid)> handler) override;

  // Listens until cancelled.
  Async<void> run();
  // Completes when nothing is being sent. To be awaited before this object goes.
  Async<void> idle();

 private:
  void take(std::string_view channel, std::string_view message);
  void call_ready();
  void call_changed(const Uuid& execution);
  Async<void> send_ready();
  Async<void> send_changed();

  data::Redis& redis_;
  Clock& clock_;
  std::string origin_;
  std::vector<std::function<void()>> ready_handlers_;
  std::vector<std::function<void(Uuid)>> changed_handlers_;
  bool ready_waits_ = false, sending_ready_ = false;
  std::vector<Uuid> changed_waiting_;
  bool sending_changed_ = false;
  TaskGroup sends_;
};

}  // namespace auterity::engine
