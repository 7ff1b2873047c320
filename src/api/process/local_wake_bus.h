#pragma once
// The wake-up bus of a process without Redis: reaches this process alone; the others poll.
#include <vector>

#include "engine/executor/engine.h"

namespace auterity::api {

class LocalWakeBus final : public engine::WakeBus {
 public:
  explicit LocalWakeBus(Executor executor);
  ~LocalWakeBus() override;

  void notify_ready() override;
  void notify_changed(Uuid execution) override;
  void on_ready(std::function<void()> handler) override;
  void on_changed(std::function<void(Uuid)> handler) override;

 private:
  // Shared with what is posted, which may run after this object has gone.
  struct Handlers;
  Executor executor_;
  std::shared_ptr<Handlers> handlers_;
};

}  // namespace auterity::api
