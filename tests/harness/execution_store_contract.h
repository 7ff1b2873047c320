#pragma once
// What every ExecutionStore must do (engine/store/execution_store.h), as a list of rules that each
// implementation's tests run against a fresh world. A rule fails by GoogleTest's own means.
#include <span>

#include "core/random.h"
#include "engine/store/execution_store.h"
#include "harness/event_loop.h"

namespace auterity::harness {

// One empty store and its wall clock.
class ExecutionStoreWorld {
 public:
  virtual ~ExecutionStoreWorld() = default;
  virtual engine::ExecutionStore& store() = 0;
  virtual EventLoop& loop() = 0;
  virtual Time now() = 0;
  virtual void advance(Duration duration) = 0;

  SeededRandom random{11};
};

struct ExecutionStoreRule {
  const char* name;  // a GoogleTest name: letters and digits
  void (*check)(ExecutionStoreWorld& world);
};

std::span<const ExecutionStoreRule> execution_store_rules();

}  // namespace auterity::harness
