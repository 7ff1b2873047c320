#pragma once
// $secrets on PostgreSQL (schema: migrations/0004): only sealed values reach it (secret_box.h), and
// which key sealed each, so that a wrong key is told from damage.
#include "core/clock.h"
#include "core/random.h"
#include "data/database.h"
#include "engine/store/secret_box.h"
#include "engine/store/workflow_store.h"

namespace auterity::engine {

class PostgresSecretStore final : public SecretStore {
 public:
  // `random` must be fit for keys (SystemRandom).
  PostgresSecretStore(data::Database& database, Clock& clock, Random& random, SecretBox box)
      : database_(database), clock_(clock), random_(random), box_(std::move(box)) {}

  Async<Status> put(std::string name, Json value, std::string user_id) override;
  Async<Status> remove(std::string name) override;
  Async<Result<std::vector<std::string>>> names() override;
  Async<Result<JsonObject>> resolve(std::vector<std::string> names) override;

 private:
  data::Database& database_;
  Clock& clock_;
  Random& random_;
  SecretBox box_;
};

}  // namespace auterity::engine
