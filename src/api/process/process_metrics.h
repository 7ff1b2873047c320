#pragma once
// Metrics about the process itself, named as Prometheus' client libraries name them.
#include "core/clock.h"
#include "core/metrics.h"
#include "data/database.h"

namespace auterity::api {

class ProcessMetrics {
 public:
  ProcessMetrics(Metrics& metrics, data::Database& database, const Clock& clock,
                 std::string_view colour);
  // Reads what is read only when somebody asks.
  void update();

 private:
  data::Database& database_;
  Gauge& connections_open_;
  Gauge& connections_active_;
  Gauge& resident_bytes_;
};

}  // namespace auterity::api
