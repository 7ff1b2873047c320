#pragma once
// The outside world as workflows meet it: an HTTP client whose exchanges take time, get lost on
// either way or arrive twice, and a service that records every request that reached it. A request
// that has been sent arrives even if its sender dies.
#include <map>
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
};

}  // namespace auterity::harness
