#pragma once
// A process' own endpoint for the monitor on this machine: /metrics and /api/health/liveness,
// nothing else, without tokens; it listens on loopback or a unix socket only.
#include "api/http_server/application.h"
#include "api/metrics_page/metrics_page.h"

namespace auterity::api {

class MetricsApplication final : public Application {
 public:
  explicit MetricsApplication(MetricsPage& page) : page_(page) {}
  Admission admit(Exchange& exchange) override;
  Async<void> handle(Exchange& exchange) override;
  void refuse(Exchange& exchange, int status, std::string_view reason) override;
  void finished(const Exchange&, std::uint64_t) override {}

 private:
  MetricsPage& page_;
};

}  // namespace auterity::api
