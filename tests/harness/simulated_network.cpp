#include "harness/simulated_network.h"

namespace auterity::harness {

struct SimulatedNetwork::Exchange {
  explicit Exchange(Executor executor) : answered(std::move(executor)) {}
  std::optional<HttpResponse> response;
  engine::Signal answered;
};

HttpResponse SimulatedNetwork::serve(const HttpRequest& request) {
  const std::string* key = find_header(request.headers, "idempotency-key");
  const std::size_t host = request.url.find("//") + 2;
  const std::size_t slash = request.url.find('/', host);
  std::string path = slash == std::string::npos ? "/" : request.url.substr(slash);
  arrivals_.push_back({clock_.monotonic(), key != nullptr ? *key : "", path});
  HttpResponse response;
  response.status = !faults_.is_calm() && faults_.chance(30) ? 503 : 200;
  response.headers = {{"content-type", "application/json"}};
  response.body = R"({"path":")" + path + "\"}";
  response.url = request.url;
  return response;
}

Async<void> SimulatedNetwork::arrive(HttpRequest request, Journey journey,
                                     std::shared_ptr<Exchange> exchange) {
  co_await clock_.sleep(journey.there);
  HttpResponse response = serve(request);
  if (journey.doubled) serve(request);
  co_await clock_.sleep(journey.back);
  if (journey.unanswered) co_return;
  exchange->response = std::move(response);
  exchange->answered.notify();
}

Async<Result<HttpResponse>> SimulatedNetwork::send(HttpRequest request) {
  const Journey journey = faults_.to_network();
  if (const std::string* key = find_header(request.headers, "idempotency-key"); key && sent_)
    sent_(*key);
  if (journey.refused) {
    co_await clock_.sleep(journey.there);
    co_return fail(ErrorKind::unavailable, "connection reset", "try again");
  }
  const Duration until = clock_.monotonic() + request.timeout;
  auto exchange = std::make_shared<Exchange>(executor_);
  if (!journey.lost) deliveries_.spawn("request", arrive(std::move(request), journey, exchange));
  while (!exchange->response && clock_.monotonic() < until)
    co_await exchange->answered.wait(clock_, until - clock_.monotonic());
  if (exchange->response) co_return std::move(*exchange->response);
  co_return fail(ErrorKind::timeout, "no response came", "try again");
}

}  // namespace auterity::harness
