#pragma once
// The releases that an environment has, and what each is there for. Only looks.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "operations/local_context.h"
#include "targets/local/release_manifest.h"

namespace auterity::operations {

struct KnownRelease {
  std::string version;                             // its folder's name
  std::optional<local::ReleaseManifest> manifest;  // nullopt: it cannot be read
  std::string archive;                             // its file's name beside the folder; empty: none
  bool in_use = false;                             // processes of a pool run it, or are to
  bool kept_for_rollback = false;                  // it was in use before the one that is now
  std::vector<std::string> damage;                 // what verify_release() says; empty: whole
};

// What is in the releases folder, newest first by semantic version. Reads every file of every
// release unless `verify` is false. An environment that was never started has releases without use.
Result<std::vector<KnownRelease>> find_releases(LocalContext& context, bool verify);

// "in use", "kept for rollback", "damaged", "ready"; several with a comma.
std::string state_of(const KnownRelease& release);
JsonObject to_json(const KnownRelease& release);

}  // namespace auterity::operations
