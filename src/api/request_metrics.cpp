#include "api/request_metrics.h"

#include <string>

namespace auterity::api {
namespace {

const std::vector<double> kBounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                  0.25,   0.5,   1,      2.5,   5,    10,    30};

std::string_view endpoint_of(const Route* route) { return route ? route->path : "unmatched"; }

}  // namespace

RequestMetrics::Series& RequestMetrics::series_of(const Route* route, Method method) {
  Series& series = series_[route][static_cast<std::size_t>(method)];
  if (!series.duration)
    series.duration = &metrics_.histogram(
        "http_request_duration_seconds", "Time from a request's header to its answer.", kBounds,
        {{"method", to_text(method)}, {"endpoint", endpoint_of(route)}});
  return series;
}

Counter& RequestMetrics::counter_of(Series& series, const Exchange& exchange) {
  const int status = exchange.response.status;
  for (const auto& [known, counter] : series.by_status)
    if (known == status) return *counter;
  Counter& counter = metrics_.counter("http_requests_total", "Requests answered.",
                                      {{"method", to_text(exchange.request.method)},
                                       {"endpoint", endpoint_of(exchange.route)},
                                       {"status_code", std::to_string(status)}});
  series.by_status.emplace_back(status, &counter);
  return counter;
}

void RequestMetrics::record(const Exchange& exchange, Duration duration) {
  Series& series = series_of(exchange.route, exchange.request.method);
  series.duration->observe(std::chrono::duration<double>(duration).count());
  counter_of(series, exchange).add();
}

}  // namespace auterity::api
