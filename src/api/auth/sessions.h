#pragma once
// Signing in and staying signed in. A session begins with a password and goes on by refresh tokens,
// each of which works once; using one twice means that somebody copied it, and ends the session for
// both. Access tokens say who asks (access_token.h).
#include <optional>
#include <string>

#include "api/auth/access_token.h"
#include "api/auth/login_limiter.h"
#include "api/auth/password_hasher.h"
#include "api/auth/revocation_bus.h"
#include "api/auth/revocations.h"
#include "api/auth/token_store.h"
#include "api/auth/user_store.h"

namespace auterity::api {

struct TokenPair {
  std::string access_token;
  std::string refresh_token;
  std::chrono::seconds expires_in{};
};

struct SessionServices {
  UserStore& users;
  TokenStore& store;
  AccessTokens& tokens;
  Revocations& revocations;
  RevocationBus& revocation_bus;
  PasswordHasher& hasher;
  LoginLimiter& limiter;
  Clock& clock;
  Random& random;
  Log& log;
};

class Sessions {
 public:
  static constexpr std::chrono::minutes kAccessLifetime{15};
  static constexpr std::chrono::days kRefreshLifetime{30};
  // No access token is valid for longer, those of `auterity token` included: how long revoking a
  // user's tokens must be remembered.
  static constexpr std::chrono::hours kLongestAccessLifetime{24};
  // Between two looks into the database for what other processes revoked (revocation_bus.h).
  static constexpr std::chrono::seconds kReadInterval{2};

  explicit Sessions(SessionServices services) : services_(services) {}

  // unauthenticated with one and the same word for an unknown account, a disabled one and a wrong
  // password; rate_limited.
  Async<Result<TokenPair>> login(std::string email, std::string password, std::string address);
  Async<Result<TokenPair>> refresh(std::string refresh_token);
  // Ends the session of the token, or the token alone when it has none.
  Async<Status> logout(std::shared_ptr<const Principal> principal);
  // Reads what other processes revoked; called every kReadInterval by watch_revocations().
  Async<Status> read_revocations();
  Async<void> watch_revocations();

 private:
  Async<Result<TokenPair>> issue(User user, Uuid session_id);
  Async<Status> end_session(Uuid session_id);

  SessionServices services_;
  std::optional<Time> read_until_;
};

}  // namespace auterity::api
