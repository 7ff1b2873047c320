#pragma once
// What operations on this machine's platform need of the outside, and which environment they are
// about. References outlive every operation; the command line builds one from its World.
#include <filesystem>
#include <optional>

#include "core/clock.h"
#include "core/files.h"
#include "core/http_client.h"
#include "core/log.h"
#include "core/processes.h"
#include "core/random.h"
#include "operations/environment/environment.h"
#include "targets/local/platform.h"
#include "targets/local/supervisor.h"

namespace auterity::operations {

struct LocalContext {
  Executor executor;
  Files& files;
  Processes& processes;
  Clock& clock;
  Random& random;
  HttpClient& http;
  Log& log;
  std::filesystem::path program;  // this executable
  unsigned user_id = 0;
  std::string user_name;
  std::uint64_t memory_bytes = 0;  // of the machine
  local::Layout layout;
};

// What is asked of the platform; what is absent stays as it was, or follows the environment file.
struct PlatformWish {
  std::optional<int> port;
  std::optional<int> replicas;
  std::optional<int> workers;
};

// The platform as it is kept in the state folder. not_found when `up` never ran here; forbidden for
// a caller who may not read it. Without `with_credentials` the secrets are left out, and anybody
// who may read the state folder can ask.
Result<local::Platform> load_platform(LocalContext& context, bool with_credentials);

// A platform of these facts, without credentials.
local::Platform platform_of(const LocalContext& context, const local::KeptFacts& kept);

// Keeps ports, sizes and pools in services/platform.json.
Status keep_platform(LocalContext& context, const local::Platform& platform);
// What keep_platform() writes.
std::string kept_text(const local::Platform& platform);

// The platform that `up` makes: kept facts first, then the wish, the environment file, and what has
// to be chosen (ports, passwords). Nothing is written.
Result<local::Platform> choose_platform(LocalContext& context, const EnvironmentFile& environment,
                                        const PlatformWish& wish);

// Random passwords and keys, and the first administrator's address.
local::Credentials new_credentials(Random& random);

local::Supervisor supervisor_of(LocalContext& context, const local::Platform& platform);

}  // namespace auterity::operations
