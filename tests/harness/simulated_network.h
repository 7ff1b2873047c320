#pragma once
// The outside world as workflows meet it: an HTTP client whose exchanges take time, get lost on
// either way or arrive twice, and a service that records every request that reached it. A request
// that has been sent arrives even if its sender dies.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/http_client.h"
#include "core/task_group.h"
#include "engine/executor/signal.h"
#include "harness/fault_plan.h"
#include "harness/simulated_clock.h"

namespace auterity::harness {

// A request that has reached the service.
struct Arrival {
  Duration at;
  std::string key;   // Idempotency-Key
  std::string path;  // "/orders"
};

class SimulatedNetwork final : public HttpClient {
 public:
  SimulatedNetwork(SimulatedClock& clock, TaskGroup& deliveries, FaultPlan& faults,
                   Executor executor)
      : clock_(clock), deliveries_(deliveries), faults_(faults), executor_(std::move(executor)) {}

  // Answers 200 with {"path"}, a 503 at times while the world is not calm.
  Async<Result<HttpResponse>> send(HttpRequest request) override;

  // Called with the Idempotency-Key of each request when it is sent.
  void on_send(std::function<void(const std::string& key)> handler) { sent_ = std::move(handler); }

  const std::vector<Arrival>& arrivals() const { return arrivals_; }

 private:
  struct Exchange;
  Async<void> arrive(HttpRequest request, Journey journey, std::shared_ptr<Exchange> exchange);
  HttpResponse serve(const HttpRequest& request);

  SimulatedClock& clock_;
  TaskGroup& deliveries_;
  FaultPlan& faults_;
  Executor executor_;
  std::vector<Arrival> arrivals_;
  std::function<void(const std::string&)> sent_;
};

}  // namespace auterity::harness
