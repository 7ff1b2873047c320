#include "api/auth/access_token.h"

#include <jwt.h>

#include <cstdlib>

namespace auterity::api {
namespace {

constexpr std::size_t kLongestToken = 4096;
constexpr std::size_t kRemembered = 4096;
// Clocks of two machines may differ by this much.
constexpr std::chrono::seconds kSkew{60};

struct FreeJwt {
  void operator()(jwt_t* token) const { jwt_free(token); }
};
using Jwt = std::unique_ptr<jwt_t, FreeJwt>;
struct FreeText {
  void operator()(char* text) const { std::free(text); }
};

std::unexpected<Error> refuse(std::string reason) {
  return fail(ErrorKind::unauthenticated, std::move(reason),
              "sign in again with POST /api/auth/login, or refresh the token");
}

long seconds_of(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::optional<Uuid> id_claim(jwt_t* token, const char* name) {
  const char* text = jwt_get_grant(token, name);
  return text ? parse_uuid(text) : std::nullopt;
}

}  // namespace

Status AccessTokens::check_key(std::string_view key) {
  constexpr std::string_view kHint =
      "set JWT_SECRET_KEY to 32 random characters or more, e.g. from: openssl rand -hex 32";
  if (key.size() < kShortestKey)
    return fail(ErrorKind::invalid_input, "JWT_SECRET_KEY is shorter than 32 characters",
                std::string(kHint));
  if (key.find_first_not_of(key.front()) == std::string_view::npos)
    return fail(ErrorKind::invalid_input, "JWT_SECRET_KEY is one character repeated",
                std::string(kHint));
  return {};
}

AccessTokens::AccessTokens(std::string key, const Clock& clock)
    : key_(std::move(key)), clock_(clock) {}

Result<std::string> AccessTokens::issue(const Principal& principal) const {
  jwt_t* raw = nullptr;
  if (jwt_new(&raw) != 0) return fail(ErrorKind::internal, "no memory for a token");
  const Jwt token(raw);
  const auto* key = reinterpret_cast<const unsigned char*>(key_.data());
  int failed = jwt_set_alg(raw, JWT_ALG_HS256, key, static_cast<int>(key_.size()));
  failed |= jwt_add_grant(raw, "sub", to_text(principal.user_id).c_str());
  failed |= jwt_add_grant(raw, "role", std::string(to_text(principal.role)).c_str());
  failed |= jwt_add_grant(raw, "jti", to_text(principal.token_id).c_str());
  if (!principal.session_id.is_nil())
    failed |= jwt_add_grant(raw, "sid", to_text(principal.session_id).c_str());
  failed |= jwt_add_grant_int(raw, "gen", principal.generation);
  failed |= jwt_add_grant_int(raw, "iat", seconds_of(clock_.now()));
  failed |= jwt_add_grant_int(raw, "exp", seconds_of(principal.expires_at));
  const std::unique_ptr<char, FreeText> text(failed ? nullptr : jwt_encode_str(raw));
  if (!text) return fail(ErrorKind::internal, "the token could not be signed");
  return std::string(text.get());
}

Result<std::shared_ptr<const Principal>> AccessTokens::verify(std::string_view token) {
  if (token.empty() || token.size() > kLongestToken) return refuse("the access token is malformed");
  if (const auto known = verified_.find(token); known != verified_.end()) {
    if (known->second->expires_at > clock_.now()) return known->second;
    verified_.erase(known);
    return refuse("the access token has expired");
  }
  std::string text(token);
  AUTERITY_TRY(principal, decode(text));
  if (verified_.size() >= kRemembered) verified_.clear();
  verified_.emplace(std::move(text), principal);
  return principal;
}

Result<std::shared_ptr<const Principal>> AccessTokens::decode(const std::string& text) const {
  jwt_t* raw = nullptr;
  const auto* key = reinterpret_cast<const unsigned char*>(key_.data());
  if (jwt_decode(&raw, text.c_str(), key, static_cast<int>(key_.size())) != 0)
    return refuse("the access token is malformed or was not signed here");
  const Jwt token(raw);
  // The library checks a signature by whatever algorithm the token names.
  if (jwt_get_alg(raw) != JWT_ALG_HS256)
    return refuse("the access token is signed by an algorithm that is not accepted");
  const auto user = id_claim(raw, "sub"), id = id_claim(raw, "jti");
  const char* role_text = jwt_get_grant(raw, "role");
  const auto role = role_text ? parse_role(role_text) : std::nullopt;
  const long issued = jwt_get_grant_int(raw, "iat"), expires = jwt_get_grant_int(raw, "exp");
  if (!user || !id || !role || issued <= 0 || expires <= 0)
    return refuse("the access token lacks a claim");
  const Time now = clock_.now();
  if (expires <= seconds_of(now)) return refuse("the access token has expired");
  if (issued > seconds_of(now + kSkew)) return refuse("the access token is not valid yet");
  auto principal = std::make_shared<Principal>();
  principal->user_id = *user;
  principal->user_id_text = to_text(*user);
  principal->role = *role;
  principal->token_id = *id;
  principal->session_id = id_claim(raw, "sid").value_or(Uuid{});
  principal->generation = jwt_get_grant_int(raw, "gen");
  principal->expires_at = Time(std::chrono::seconds(expires));
  return principal;
}

}  // namespace auterity::api
