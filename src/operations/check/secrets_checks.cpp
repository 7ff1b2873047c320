// Whether the services' secrets are there and strong. A variable of this process goes before what
// the platform keeps.
#include "operations/check/verdicts.h"

namespace auterity::operations::check {
namespace {

constexpr std::size_t kSigningKeyCharacters = 32;

std::string given(const Subject& subject, const std::string& name, const std::string& kept) {
  const auto found = subject.variables.find(name);
  return found != subject.variables.end() && !found->second.empty() ? found->second : kept;
}

class SecretsFamily final : public Family {
 public:
  std::vector<std::string> ids() const override {
    return {"environment-jwt-secret-key", "environment-database-url", "environment-redis-url",
            "environment-secrets-key"};
  }

  Async<Result<std::vector<Finding>>> run(const Subject& subject) override {
    std::string database, redis, signing, sealing;
    if (subject.platform) {
      database = subject.platform->service_database_url();
      redis = subject.platform->redis_url();
      signing = subject.platform->credentials.jwt_secret_key;
      sealing = subject.platform->credentials.secrets_key;
    }
    std::vector<Finding> findings;
    findings.push_back({"environment-jwt-secret-key",
                        judge_secret("JWT_SECRET_KEY", given(subject, "JWT_SECRET_KEY", signing),
                                     kSigningKeyCharacters)});
    findings.push_back(
        {"environment-database-url",
         judge_url_password("DATABASE_URL", given(subject, "DATABASE_URL", database))});
    findings.push_back({"environment-redis-url",
                        judge_url_password("REDIS_URL", given(subject, "REDIS_URL", redis))});
    findings.push_back({"environment-secrets-key",
                        judge_secret("AUTERITY_SECRETS_KEY",
                                     given(subject, "AUTERITY_SECRETS_KEY", sealing), 64)});
    co_return findings;
  }
};

}  // namespace

std::unique_ptr<Family> make_secrets_family() { return std::make_unique<SecretsFamily>(); }

}  // namespace auterity::operations::check
