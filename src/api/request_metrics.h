#pragma once
// http_requests_total{method,endpoint,status_code} and
// http_request_duration_seconds{method,endpoint}. `endpoint` is a route's template, so that the
// number of series is bounded by the table of routes; a path without a route counts as "unmatched".
// Handles are resolved once a series.
#include <array>
#include <unordered_map>
#include <vector>

#include "api/http_server/application.h"
#include "api/routing/route.h"
#include "core/metrics.h"
#include "core/time.h"

namespace auterity::api {

class RequestMetrics {
 public:
  explicit RequestMetrics(Metrics& metrics) : metrics_(metrics) {}
  void record(const Exchange& exchange, Duration duration);

 private:
  struct Series {
    Histogram* duration = nullptr;
    std::vector<std::pair<int, Counter*>> by_status;
  };
  Series& series_of(const Route* route, Method method);
  Counter& counter_of(Series& series, const Exchange& exchange);

  Metrics& metrics_;
  std::unordered_map<const Route*, std::array<Series, 8>> series_;  // by method
};

}  // namespace auterity::api
