#pragma once
// Prometheus text (format 0.0.4) of several processes added up to one. Counters, histograms and
// gauges with the same name and labels are summed, so that the sum of the replicas reads like one
// process; gauges that are points in time (…_timestamp_seconds, …_start_time_seconds) keep the
// latest. Unknown lines are left out. Pure.
#include <string>
#include <string_view>
#include <vector>

namespace auterity::api {

std::string add_up_metrics(const std::vector<std::string>& pages);

}  // namespace auterity::api
