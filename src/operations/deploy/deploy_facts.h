#pragma once
// Everything that a deploy's plan is made of, as it was seen at one moment. Plain values, none of
// them secret: observe_deploy.h gathers them, deploy_plan.h turns them into the plan.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "operations/deploy/deploy_request.h"
#include "operations/migrate/plan.h"
#include "targets/local/release_manifest.h"

namespace auterity::operations {

// A setting that green is started with otherwise than blue was.
struct ChangedSetting {
  std::string name;      // "AUTERITY_AI_SERVICE_URL"
  std::string_view how;  // "added", "changed" or "removed"
  std::string source;    // where it comes from now: "staging.yml:12", "credentials.json"
};

// Bytes; 0 is not known.
struct MemoryFacts {
  std::uint64_t largest_process = 0;  // resident, of the pool in use
  std::uint64_t available = 0;        // on the machine
};

// A release as its manifest describes it; a schema of 0 to 0 when that cannot be read.
struct ReleaseFacts {
  std::string version;
  std::string commit;
  local::NumberSpan schema;
};

struct DeployFacts {
  std::string environment;
  bool rollback = false;
  DeployRequest request;
  ReleaseFacts old_release;
  ReleaseFacts new_release;
  int old_replicas = 0;  // of the pool in use
  int old_workers = 0;
  std::vector<ChangedSetting> settings;
  int schema_revision = 0;  // of the live database
  MigratePlan expansion;    // what `migrate up` of the new release would do; of a rollback nothing
  MemoryFacts memory;
  // What the last ones of this environment that went through took beside the time of watching.
  std::vector<Duration> earlier;
};

}  // namespace auterity::operations
