#pragma once
// The tables refresh_tokens and token_revocations. A refresh token is known by its hash alone.
#include <optional>
#include <string>
#include <vector>

#include "api/auth/revocations.h"
#include "core/async.h"
#include "core/error.h"
#include "core/uuid.h"
#include "data/database.h"

namespace auterity::api {

struct RefreshToken {
  std::string hash;  // SHA-256 of the token, hex
  Uuid session_id;
  Uuid user_id;
  Time issued_at;
  Time expires_at;
};

class TokenStore {
 public:
  explicit TokenStore(data::Database& database) : database_(database) {}

  Async<Status> add(RefreshToken token);

  enum class Use { taken, unknown, expired, reused };
  struct Taken {
    Use use = Use::unknown;
    Uuid session_id;  // unless unknown
    Uuid user_id;
  };
  // Marks the token used if it may be used now, in one statement: of two that try, one gets it.
  Async<Result<Taken>> take(std::string hash, Time now);

  // Ends a session: its refresh tokens, and by `revocation` its access tokens.
  Async<Status> end_session(Uuid session_id, Revocation revocation, Time now);
  // Statements that end every session of a user whose row was just updated at `now`
  // (UserStore::update runs them in its transaction); they do nothing when that update was refused.
  static std::vector<data::Query> end_sessions_of(Uuid user_id, Time now, Time expires_at);
  Async<Status> revoke(Revocation revocation, Time now);

  // Revocations made since `since` that still matter at `now`.
  Async<Result<std::vector<Revocation>>> revocations(Time since, Time now);
  // Removes what has expired; answers how many rows went.
  Async<Result<std::size_t>> remove_expired(Time now);

 private:
  data::Database& database_;
};

}  // namespace auterity::api
