#pragma once
// How much a recovery lost and how long it took, as figures. Pure.
#include <optional>
#include <string>

#include "core/json.h"
#include "core/time.h"

namespace auterity::operations {

struct RecoveryFacts {
  Time begun_at;                    // of the recovery, its planning included
  Time ended_at;                    // the platform was seen healthy before
  std::optional<Time> to;           // the time that was asked for
  bool reached_time = false;        // the log goes on after it: nothing until then is missing
  Time last_write;                  // the newest commit that was restored
  std::optional<Time> lost_upload;  // the oldest upload that is known and whose bytes are lost
};

struct RecoveryMeasures {
  Duration lost{};          // the longer of the two: what is older is there
  Duration lost_rows{};     // 0: none is missing
  Duration lost_uploads{};  // likewise
  std::string counted_to;   // from the last write to this moment
  Duration took{};
  Time last_write;
};

// When the platform was lost is known to nobody here: the beginning of the recovery stands for it,
// so that what is said is at least what was lost.
RecoveryMeasures measure(const RecoveryFacts& facts);
// With rpo_seconds and rto_seconds.
JsonObject to_json(const RecoveryMeasures& measures);
std::string to_text(const RecoveryMeasures& measures);

}  // namespace auterity::operations
