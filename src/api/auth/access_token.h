#pragma once
// Access tokens: JWT (RFC 7519) signed with HS256, short-lived, checked without asking anybody.
// Claims: sub (user id), role, jti, sid (session), gen (generation of the user's tokens), iat, exp.
// Verified tokens are remembered until they expire, since a client sends the same one with every
// request. Revocation is not here: see revocations.h.
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "api/auth/principal.h"
#include "core/clock.h"
#include "core/error.h"

namespace auterity::api {

class AccessTokens {
 public:
  static constexpr std::size_t kShortestKey = 32;  // bytes: HS256 wants as many as its hash has

  // invalid_input when `key` is shorter than kShortestKey or a single repeated character.
  static Status check_key(std::string_view key);

  AccessTokens(std::string key, const Clock& clock);

  // `principal.expires_at` is the token's.
  Result<std::string> issue(const Principal& principal) const;
  // unauthenticated: malformed, another algorithm than HS256 ("none" included), wrong key, expired,
  // claims missing.
  Result<std::shared_ptr<const Principal>> verify(std::string_view token);

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  Result<std::shared_ptr<const Principal>> decode(const std::string& token) const;

  std::string key_;
  const Clock& clock_;
  std::unordered_map<std::string, std::shared_ptr<const Principal>, TextHash, std::equal_to<>>
      verified_;
};

}  // namespace auterity::api
