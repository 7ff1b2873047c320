#pragma once
// What /metrics shows: this process' own metrics on its own endpoint, all replicas added up on the
// public one.
#include <functional>
#include <string>
#include <vector>

#include "api/http_server/listen_address.h"
#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/metrics.h"

namespace auterity::api {

// "text/plain; version=0.0.4; charset=utf-8"
extern const std::string_view kMetricsContentType;

class MetricsPage {
 public:
  // `peers` answers the endpoints of all processes but this one. `before` updates gauges that are
  // read when asked for.
  MetricsPage(Metrics& metrics, Clock& clock, std::function<std::vector<ListenAddress>()> peers,
              std::function<void()> before);

  std::string own();
  // Replicas that do not answer are left out and counted in auterity_metrics_unreachable_processes.
  Async<std::string> all();

 private:
  Async<void> add_page(ListenAddress peer, std::vector<std::string>& pages, std::size_t& missing);

  Metrics& metrics_;
  Clock& clock_;
  std::function<std::vector<ListenAddress>()> peers_;
  std::function<void()> before_;
  Gauge& unreachable_;
};

}  // namespace auterity::api
