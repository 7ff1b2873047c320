#pragma once
// What a recovery was decided to be, as the journal keeps it: everything is chosen once, by its
// plan, so that one that is resumed goes on with the same backups, time and ports. No secret.
#include <optional>
#include <string>

#include "core/error.h"
#include "core/json.h"
#include "core/time.h"
#include "targets/local/platform.h"

namespace auterity::operations {

struct RecoverRequest {
  std::string source;      // the environment whose backups are used
  std::string backup;      // id of that with the database
  std::string files;       // id of that with uploads and configuration; empty: there is none
  std::optional<Time> to;  // nullopt: to the end of the log
  Time begun_at;           // from when on the time of the recovery counts
  local::KeptFacts facts;  // of the platform that is built
};

JsonObject to_json(const RecoverRequest& request);
// invalid_input for what to_json() did not write.
Result<RecoverRequest> parse_recover_request(const JsonObject& request);

}  // namespace auterity::operations
