#pragma once
// The program of a release with all that it needs to know, for commands and roles that are run
// beside the supervised services: by environment variables alone, nothing secret in its arguments.
#include <filesystem>
#include <string>
#include <vector>

#include "core/processes.h"
#include "targets/local/platform.h"

namespace auterity::operations {

struct ReleaseProgram {
  std::filesystem::path folder;  // of the release
  std::string database_url;
  std::string redis_url;  // empty: without Redis
  std::string jwt_secret_key;
  std::string secrets_key;
  std::filesystem::path objects;
  std::string run_as;  // empty: as we are

  ProcessRequest command(std::vector<std::string> arguments) const;
};

// The one in use, with the platform's own database and secrets.
ReleaseProgram program_in_use(const local::Platform& platform);

}  // namespace auterity::operations
