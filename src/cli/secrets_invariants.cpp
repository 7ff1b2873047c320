#include "cli/secrets_invariants.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "data/with_database.h"
#include "engine/store/postgres_secret_store.h"

namespace auterity::cli {
namespace {

class SecretsInvariants final : public operations::PlatformInvariants {
 public:
  SecretsInvariants(World& world, const operations::MigrateTarget& target, std::string secrets_key)
      : world_(world), target_(target), secrets_key_(std::move(secrets_key)) {}

  Async<Result<std::vector<operations::InvariantViolation>>> check() override {
    AUTERITY_CO_TRY(box, engine::SecretBox::from_key(secrets_key_));
    operations::MigrateServices services{world_.executor, world_.clock, world_.log, world_.files,
                                         world_.processes};
    co_return co_await data::with_database(
        operations::open_target(services, target_),
        [&](data::Database& database) { return look(database, std::move(box)); });
  }

 private:
  Async<Result<std::vector<operations::InvariantViolation>>> look(data::Database& database,
                                                                  engine::SecretBox box) {
    engine::PostgresSecretStore store(database, world_.clock, world_.random, std::move(box));
    AUTERITY_CO_TRY(names, co_await store.names());
    std::vector<operations::InvariantViolation> violations;
    for (const std::string& name : names) {
      const auto value = co_await store.resolve({name});
      if (!value)
        violations.push_back({"secret-" + name, value.error().message,
                              "workflows that use it would fail", value.error().hint});
    }
    co_return violations;
  }

  World& world_;
  const operations::MigrateTarget& target_;
  std::string secrets_key_;
};

}  // namespace

std::unique_ptr<operations::PlatformInvariants> make_secrets_invariants(
    World& world, const operations::MigrateTarget& target, std::string secrets_key) {
  return std::make_unique<SecretsInvariants>(world, target, std::move(secrets_key));
}

}  // namespace auterity::cli
