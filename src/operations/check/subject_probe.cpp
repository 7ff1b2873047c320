// What a subject says of itself: secrets, names, sizes.
#include "operations/check/probes.h"
#include "operations/process_needs.h"

namespace auterity::operations::check {

std::string variable_or(const Subject& subject, const std::string& name, std::string kept) {
  const auto found = subject.variables.find(name);
  return found != subject.variables.end() && !found->second.empty() ? found->second
                                                                    : std::move(kept);
}

Result<std::string> wanted_release(const Subject& subject) {
  if (!subject.release.empty()) return subject.release;
  if (subject.platform) return subject.platform->pool().version;
  return fail(ErrorKind::not_ready, "the platform was never started here",
              "start it: auterity up, or name a release: --release VERSION");
}

int processes_of_deploy(const Subject& subject) {
  const auto number = [&](const char* key) {
    return static_cast<int>(subject.environment.number(key));
  };
  const int replicas =
      subject.platform ? subject.platform->pool().replicas : number("app_desired_capacity");
  const int workers = subject.platform ? subject.platform->pool().workers : number("workers");
  return operations::processes_of_deploy(replicas, workers, subject.compared.value_or(replicas));
}

Async<Result<SecretsFacts>> ask_secrets(const Subject& subject) {
  const auto& platform = subject.platform;
  co_return SecretsFacts{
      .signing_key = variable_or(subject, "JWT_SECRET_KEY",
                                 platform ? platform->credentials.jwt_secret_key : ""),
      .database_url =
          variable_or(subject, "DATABASE_URL", platform ? platform->service_database_url() : ""),
      .redis_url = variable_or(subject, "REDIS_URL", platform ? platform->redis_url() : ""),
      .sealing_key = variable_or(subject, "AUTERITY_SECRETS_KEY",
                                 platform ? platform->credentials.secrets_key : "")};
}

}  // namespace auterity::operations::check
