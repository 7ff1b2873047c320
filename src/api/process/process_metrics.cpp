#include "api/process/process_metrics.h"

#include <unistd.h>

#include <fstream>

#include "core/version.h"

namespace auterity::api {
namespace {

double resident_bytes() {
  std::ifstream statistics("/proc/self/statm");
  long total = 0, resident = 0;
  if (!(statistics >> total >> resident)) return 0;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

ProcessMetrics::ProcessMetrics(Metrics& metrics, data::Database& database, const Clock& clock,
                               std::string_view colour)
    : database_(database),
      connections_open_(metrics.gauge("database_connections_open", "Connections to PostgreSQL.")),
      connections_active_(metrics.gauge("database_connections_active",
                                        "Connections to PostgreSQL that are being used.")),
      resident_bytes_(metrics.gauge("process_resident_memory_bytes", "Resident memory.")) {
  metrics.gauge("process_start_time_seconds", "When the process started, seconds since the epoch.")
      .set(std::chrono::duration<double>(clock.now().time_since_epoch()).count());
  metrics
      .gauge("auterity_build_info", "Processes of this version and colour.",
             {{"version", version()}, {"colour", colour}})
      .set(1);
}

void ProcessMetrics::update() {
  const auto pool = database_.pool();
  connections_open_.set(static_cast<double>(pool.open));
  connections_active_.set(static_cast<double>(pool.busy));
  resident_bytes_.set(resident_bytes());
}

}  // namespace auterity::api
