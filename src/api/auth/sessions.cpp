#include "api/auth/sessions.h"

#include <sodium.h>

#include <array>

#include "core/digest.h"

namespace auterity::api {
namespace {

// What became visible late (a transaction begun before, clocks apart) is caught by looking back
// this far.
constexpr std::chrono::seconds kOverlap{60};

std::unexpected<Error> wrong_credentials() {
  return fail(ErrorKind::unauthenticated, "the email or the password is wrong",
              "check both; an administrator can set a new password");
}

std::unexpected<Error> refuse_refresh(std::string message) {
  return fail(ErrorKind::unauthenticated, std::move(message),
              "sign in again with POST /api/auth/login");
}

std::string new_refresh_token(Random& random) {
  std::array<std::uint8_t, 32> bytes;
  random.fill(bytes);
  std::array<char, sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_URLSAFE_NO_PADDING)> text;
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return text.data();
}

}  // namespace

Async<Result<TokenPair>> Sessions::login(std::string email, std::string password,
                                         std::string address) {
  const auto normal = normal_email(email);
  const std::string account = normal ? *normal : std::string("malformed");
  AUTERITY_CO_CHECK(co_await services_.limiter.admit(account, std::move(address)));
  AUTERITY_CO_TRY(user, co_await services_.users.find_by_email(account));
  const bool usable = user && !user->disabled_at;
  AUTERITY_CO_TRY(matches, co_await services_.hasher.verify(
                               std::move(password), usable ? user->password_hash : std::string()));
  if (!usable || !matches) co_return wrong_credentials();
  AUTERITY_CO_CHECK(co_await services_.users.note_login(user->id));
  const Uuid session_id = make_uuid(services_.clock.now(), services_.random);
  co_return co_await issue(std::move(*user), session_id);
}

Async<Result<TokenPair>> Sessions::refresh(std::string refresh_token) {
  AUTERITY_CO_TRY(taken,
                  co_await services_.store.take(sha256_hex(refresh_token), services_.clock.now()));
  switch (taken.use) {
    case TokenStore::Use::unknown:
      co_return refuse_refresh("the refresh token is not known");
    case TokenStore::Use::expired:
      co_return refuse_refresh("the refresh token has expired");
    case TokenStore::Use::reused:
      services_.log.warning("auth", "a refresh token was used again; its session is ended",
                            {{"user_id", Json(to_text(taken.user_id))}});
      AUTERITY_CO_CHECK(co_await end_session(taken.session_id));
      co_return refuse_refresh("the refresh token was used before; its session is ended");
    case TokenStore::Use::taken:
      break;
  }
  AUTERITY_CO_TRY(user, co_await services_.users.find(taken.user_id));
  if (user.disabled_at) co_return refuse_refresh("the account is disabled");
  co_return co_await issue(std::move(user), taken.session_id);
}

Async<Status> Sessions::logout(std::shared_ptr<const Principal> principal) {
  if (!principal->session_id.is_nil()) co_return co_await end_session(principal->session_id);
  const Revocation revocation{principal->token_id, -1, principal->expires_at};
  AUTERITY_CO_CHECK(co_await services_.store.revoke(revocation, services_.clock.now()));
  co_await services_.revocation_bus.tell(revocation);
  co_return Status{};
}

Async<Status> Sessions::end_session(Uuid session_id) {
  const Time now = services_.clock.now();
  const Revocation revocation{session_id, -1, now + kAccessLifetime};
  AUTERITY_CO_CHECK(co_await services_.store.end_session(session_id, revocation, now));
  co_await services_.revocation_bus.tell(revocation);
  co_return Status{};
}

Async<Result<TokenPair>> Sessions::issue(User user, Uuid session_id) {
  const Time now = services_.clock.now();
  Principal principal;
  principal.user_id = user.id;
  principal.role = user.role;
  principal.token_id = make_uuid(now, services_.random);
  principal.session_id = session_id;
  principal.generation = user.generation;
  principal.expires_at = now + kAccessLifetime;
  AUTERITY_CO_TRY(access_token, services_.tokens.issue(principal));
  std::string refresh_token = new_refresh_token(services_.random);
  RefreshToken row{sha256_hex(refresh_token), session_id, user.id, now, now + kRefreshLifetime};
  AUTERITY_CO_CHECK(co_await services_.store.add(std::move(row)));
  co_return TokenPair{std::move(access_token), std::move(refresh_token), kAccessLifetime};
}

Async<Status> Sessions::read_revocations() {
  const Time now = services_.clock.now();
  // The first time: everything that still matters.
  const Time since = read_until_ ? *read_until_ - kOverlap : Time{};
  AUTERITY_CO_TRY(found, co_await services_.store.revocations(since, now));
  for (const Revocation& revocation : found) services_.revocations.add(revocation);
  services_.revocations.forget_expired(now);
  read_until_ = now;
  co_return Status{};
}

Async<void> Sessions::watch_revocations() {
  while (true) {
    // A database that is away is told of by the health checks.
    const Status read = co_await read_revocations();
    co_await services_.clock.sleep(kReadInterval);
  }
}

}  // namespace auterity::api
