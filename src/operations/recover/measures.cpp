#include "operations/recover/measures.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

namespace auterity::operations {
namespace {

double seconds_of(Duration duration) {
  return std::chrono::round<std::chrono::milliseconds>(duration).count() / 1000.0;
}

}  // namespace

RecoveryMeasures measure(const RecoveryFacts& facts) {
  RecoveryMeasures measures{.took = facts.ended_at - facts.begun_at,
                            .last_write = facts.last_write};
  const Time counted_to = facts.to.value_or(facts.begun_at);
  measures.counted_to = facts.to ? "the time that was asked for" : "the beginning of the recovery";
  if (!facts.reached_time) measures.lost_rows = std::max(counted_to - facts.last_write, Duration());
  if (facts.lost_upload)
    measures.lost_uploads = std::max(counted_to - *facts.lost_upload, Duration());
  measures.lost = std::max(measures.lost_rows, measures.lost_uploads);
  return measures;
}

JsonObject to_json(const RecoveryMeasures& measures) {
  return {{"rpo_seconds", seconds_of(measures.lost)},
          {"rpo_database_seconds", seconds_of(measures.lost_rows)},
          {"rpo_uploads_seconds", seconds_of(measures.lost_uploads)},
          {"rpo_counted_to", measures.counted_to},
          {"rto_seconds", seconds_of(measures.took)},
          {"last_write", to_rfc3339(measures.last_write)}};
}

std::string to_text(const RecoveryMeasures& measures) {
  return fmt::format(
      "at most {:.3f} s of writes and {:.3f} s of uploads are lost, counted to {}; "
      "recovered in {:.1f} s",
      seconds_of(measures.lost_rows), seconds_of(measures.lost_uploads), measures.counted_to,
      seconds_of(measures.took));
}

}  // namespace auterity::operations
