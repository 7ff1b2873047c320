#pragma once
// Accounts for commands: straight in the database, so that they can be mended while the API is
// down. The database is that of DATABASE_URL, or of this machine's environment.
#include <memory>
#include <string>

#include "api/auth/password_hasher.h"
#include "api/auth/revocation_bus.h"
#include "api/auth/user_store.h"
#include "api/auth/users.h"
#include "cli/command.h"
#include "data/database.h"

namespace auterity::cli {

class AccountAccess {
 public:
  // not_found when neither DATABASE_URL is set nor the environment was started here; forbidden for
  // a caller who may not read its credentials.
  static Result<std::unique_ptr<AccountAccess>> open(World& world, const CommonOptions& common);

  api::Users& users() { return users_; }
  // not_found with a hint.
  Async<Result<api::User>> find(std::string email);
  // Signs access tokens; empty when it is not known here.
  const std::string& jwt_secret_key() const { return jwt_secret_key_; }
  // The environment's first administrator; empty when DATABASE_URL was given.
  const std::string& administrator() const { return administrator_; }
  Async<void> close();

 private:
  AccountAccess(World& world, std::unique_ptr<data::Database> database, std::string jwt_secret_key,
                std::string administrator);

  std::unique_ptr<data::Database> database_;
  std::string jwt_secret_key_;
  std::string administrator_;
  api::UserStore store_;
  api::PasswordHasher hasher_;
  api::Revocations revocations_;
  api::RevocationBus revocation_bus_;  // without Redis: the API reads the database within seconds
  api::Users users_;
};

// A user as --json shows it.
JsonObject user_document(const api::User& user);

}  // namespace auterity::cli
