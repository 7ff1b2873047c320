#pragma once
// Administration of accounts: the rules around the table of users (passwords, what ends sessions).
#include <optional>
#include <string>

#include "api/auth/password_hasher.h"
#include "api/auth/revocation_bus.h"
#include "api/auth/user_store.h"
#include "core/clock.h"

namespace auterity::api {

struct UserRequest {
  std::optional<std::string> email, name, password;
  std::optional<Role> role;
  std::optional<bool> disabled;
};

class Users {
 public:
  Users(UserStore& store, PasswordHasher& hasher, RevocationBus& revocations, const Clock& clock)
      : store_(store), hasher_(hasher), revocations_(revocations), clock_(clock) {}

  UserStore& store() { return store_; }
  // email and password are required; the role is viewer unless said. invalid_input, conflict.
  Async<Result<User>> create(UserRequest request);
  // Changing role, password or state ends the user's sessions. conflict for the last administrator.
  Async<Result<User>> change(Uuid id, UserRequest request);

 private:
  UserStore& store_;
  PasswordHasher& hasher_;
  RevocationBus& revocations_;
  const Clock& clock_;
};

}  // namespace auterity::api
