#pragma once
// The table users. Invariant kept here and not by callers: at least one administrator who is not
// disabled remains.
#include <optional>
#include <string>
#include <vector>

#include "api/auth/permissions.h"
#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/random.h"
#include "core/uuid.h"
#include "data/database.h"

namespace auterity::api {

struct User {
  Uuid id;
  std::string email;  // lower case
  std::string name;
  Role role = Role::viewer;
  std::string password_hash;
  std::int64_t generation = 0;
  Time created_at;
  std::optional<Time> disabled_at, last_login_at;
};

struct NewUser {
  std::string email, name, password_hash;
  Role role = Role::viewer;
};

struct UserChange {
  std::optional<std::string> name, password_hash;
  std::optional<Role> role;
  std::optional<bool> disabled;
  // What a token says or lets do changes: tokens issued before are refused.
  bool ends_sessions() const { return password_hash || role || disabled; }
};

class UserStore {
 public:
  UserStore(data::Database& database, const Clock& clock, Random& random)
      : database_(database), clock_(clock), random_(random) {}

  Async<Result<std::optional<User>>> find_by_email(std::string email);
  Async<Result<User>> find(Uuid id);
  // Newest first, ids below `before`.
  Async<Result<std::vector<User>>> list(std::optional<Uuid> before, std::size_t limit);
  // conflict when the email is known.
  Async<Result<User>> create(NewUser user);
  // conflict when it would leave no administrator; not_found. `also` runs in the same transaction,
  // after the change.
  Async<Result<User>> update(Uuid id, UserChange change, Time now, std::vector<data::Query> also);
  Async<Status> note_login(Uuid id);

 private:
  data::Database& database_;
  const Clock& clock_;
  Random& random_;
};

// Lower case and checked: one @ with text on both sides, no spaces, at most 254 bytes.
Result<std::string> normal_email(std::string_view text);

}  // namespace auterity::api
