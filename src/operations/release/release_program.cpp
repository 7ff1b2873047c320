#include "operations/release/release_program.h"

namespace auterity::operations {

ProcessRequest ReleaseProgram::command(std::vector<std::string> arguments) const {
  ProcessRequest request;
  request.arguments = std::move(arguments);
  request.arguments.insert(request.arguments.begin(), (folder / "auterity").string());
  request.clean_environment = true;
  request.environment = {{"PATH", "/usr/bin:/bin"},
                         {"DATABASE_URL", database_url},
                         {"JWT_SECRET_KEY", jwt_secret_key},
                         {"AUTERITY_SECRETS_KEY", secrets_key},
                         {"AUTERITY_OBJECTS", objects.string()}};
  if (!redis_url.empty()) request.environment["REDIS_URL"] = redis_url;
  request.working_directory = "/";
  request.run_as = run_as;
  return request;
}

ReleaseProgram program_in_use(const local::Platform& platform) {
  return {.folder = platform.release(platform.pool()),
          .database_url = platform.service_database_url(),
          .redis_url = platform.redis_url(),
          .jwt_secret_key = platform.credentials.jwt_secret_key,
          .secrets_key = platform.credentials.secrets_key,
          .objects = platform.layout.objects(),
          .run_as = platform.drops_privileges ? platform.service_user : ""};
}

}  // namespace auterity::operations
