#include "api/auth/users.h"

#include "api/auth/sessions.h"
#include "api/auth/token_store.h"

namespace auterity::api {
namespace {

constexpr std::size_t kLongestName = 200;

Status check_name(const std::optional<std::string>& name) {
  if (name && name->size() > kLongestName)
    return fail(ErrorKind::invalid_input, "the name is longer than 200 bytes", "shorten it");
  return {};
}

}  // namespace

Async<Result<User>> Users::create(UserRequest request) {
  if (!request.email || !request.password)
    co_return fail(ErrorKind::invalid_input, "email and password are required",
                   "send {\"email\": …, \"password\": …, \"role\": …}");
  AUTERITY_CO_TRY(email, normal_email(*request.email));
  AUTERITY_CO_CHECK(check_name(request.name));
  AUTERITY_CO_CHECK(check_password(*request.password, email));
  AUTERITY_CO_TRY(hash, co_await hasher_.hash(std::move(*request.password)));
  co_return co_await store_.create({std::move(email), request.name.value_or(""), std::move(hash),
                                    request.role.value_or(Role::viewer)});
}

Async<Result<User>> Users::change(Uuid id, UserRequest request) {
  if (request.email)
    co_return fail(ErrorKind::invalid_input, "the email of an account does not change",
                   "create another account and disable this one");
  AUTERITY_CO_CHECK(check_name(request.name));
  UserChange change{std::move(request.name), std::nullopt, request.role, request.disabled};
  if (request.password) {
    AUTERITY_CO_TRY(user, co_await store_.find(id));
    AUTERITY_CO_CHECK(check_password(*request.password, user.email));
    AUTERITY_CO_TRY(hash, co_await hasher_.hash(std::move(*request.password)));
    change.password_hash = std::move(hash);
  }
  const Time now = clock_.now();
  const Time expires_at = now + Sessions::kLongestAccessLifetime;
  const bool ends_sessions = change.ends_sessions();
  std::vector<data::Query> also;
  if (ends_sessions) also = TokenStore::end_sessions_of(id, now, expires_at);
  AUTERITY_CO_TRY(user, co_await store_.update(id, std::move(change), now, std::move(also)));
  if (ends_sessions) co_await revocations_.tell({user.id, user.generation, expires_at});
  co_return user;
}

}  // namespace auterity::api
