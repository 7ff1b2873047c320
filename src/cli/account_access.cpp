#include "cli/account_access.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>

#include "cli/local_session.h"

namespace auterity::cli {

Result<std::unique_ptr<AccountAccess>> AccountAccess::open(World& world,
                                                           const CommonOptions& common) {
  data::DatabaseOptions options;
  options.application_name = "auterity-accounts";
  options.max_connections = 1;
  std::string jwt_secret_key, administrator;
  if (const std::string* url = find_variable(world.environment, "DATABASE_URL")) {
    options.url = *url;
    if (const std::string* key = find_variable(world.environment, "JWT_SECRET_KEY"))
      jwt_secret_key = *key;
  } else {
    AUTERITY_TRY(session, LocalSession::open(world, common));
    AUTERITY_TRY(platform, operations::load_platform(session->context(), true));
    AUTERITY_CHECK(check_up(world, platform));
    options.url = platform.database_url();
    jwt_secret_key = platform.credentials.jwt_secret_key;
    administrator = platform.credentials.email;
  }
  auto database = data::open_database(world.executor, world.clock, world.log, std::move(options));
  return std::unique_ptr<AccountAccess>(new AccountAccess(
      world, std::move(database), std::move(jwt_secret_key), std::move(administrator)));
}

AccountAccess::AccountAccess(World& world, std::unique_ptr<data::Database> database,
                             std::string jwt_secret_key, std::string administrator)
    : database_(std::move(database)),
      jwt_secret_key_(std::move(jwt_secret_key)),
      administrator_(std::move(administrator)),
      store_(*database_, world.clock, world.random),
      hasher_(1),
      revocation_bus_(nullptr, revocations_, world.clock, world.log),
      users_(store_, hasher_, revocation_bus_, world.clock) {}

Async<Result<api::User>> AccountAccess::find(std::string email) {
  AUTERITY_CO_TRY(normal, api::normal_email(email));
  AUTERITY_CO_TRY(user, co_await store_.find_by_email(normal));
  if (!user)
    co_return fail(ErrorKind::not_found, fmt::format("there is no account {}", normal),
                   "list them with: auterity user list");
  co_return std::move(*user);
}

Async<void> AccountAccess::close() { return database_->close(); }

JsonObject user_document(const api::User& user) {
  return {{"id", to_text(user.id)},
          {"email", user.email},
          {"name", user.name},
          {"role", api::to_text(user.role)},
          {"disabled", user.disabled_at.has_value()},
          {"created_at", to_rfc3339(user.created_at)}};
}

}  // namespace auterity::cli
