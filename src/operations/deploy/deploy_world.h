#pragma once
// What each step of a deploy works with. A step reads the kept pools anew, since the steps before
// it have changed them.
#include <filesystem>
#include <string>

#include "operations/deploy/deploy_request.h"
#include "operations/local_context.h"
#include "operations/step.h"

namespace auterity::operations {

struct DeployWorld {
  LocalContext& context;
  DeployRequest request;
  EnvironmentFile environment;
  // Of the first administrator; empty until somebody has signed in. One for the whole deploy: how
  // often an account may sign in is limited.
  std::string token = {};

  // The platform as it is kept at this moment, with credentials.
  Result<local::Platform> load() const;
  // Where samples and verdicts of this deploy are kept.
  std::filesystem::path evidence_folder() const;
  Status keep_evidence(const std::string& name, const JsonObject& document) const;
};

}  // namespace auterity::operations
