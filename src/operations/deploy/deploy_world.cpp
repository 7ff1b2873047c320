#include "operations/deploy/deploy_world.h"

#include <boost/json.hpp>

namespace auterity::operations {

Result<local::Platform> DeployWorld::load() const {
  AUTERITY_TRY(platform, load_platform(context, true));
  platform.ai_service_url = environment.text("ai_service.url");
  return platform;
}

std::filesystem::path DeployWorld::evidence_folder() const {
  return context.layout.state() / "evidence" / request.evidence;
}

Status DeployWorld::keep_evidence(const std::string& name, const JsonObject& document) const {
  AUTERITY_CHECK(context.files.create_directories(evidence_folder()));
  return context.files.write_atomically(evidence_folder() / name, to_pretty_text(Json(document)));
}

}  // namespace auterity::operations
