#include "api/auth/access_token.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <functional>

#include "api/auth/revocations.h"

namespace auterity::api {
namespace {

const std::string kKey = "0123456789abcdef0123456789abcdeX";
constexpr std::int64_t kNow = 1'800'000'000;

class FixedClock final : public Clock {
 public:
  Time now() const override { return Time(std::chrono::seconds(seconds)); }
  Duration monotonic() const override { return std::chrono::seconds(seconds); }
  Async<void> sleep(Duration) override { co_return; }
  std::int64_t seconds = kNow;
};

std::string base64(std::string_view bytes) {
  std::string text(
      sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return text.c_str();
}

// Written without the library under test.
std::string token(std::string_view header, std::string_view claims, const std::string& key = kKey,
                  const EVP_MD* hash = EVP_sha256()) {
  const std::string signed_part = base64(header) + "." + base64(claims);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(hash, key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size(), mac, &size);
  return signed_part + "." + base64({reinterpret_cast<char*>(mac), size});
}

constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::string_view kClaims =
    R"({"sub":"0192f0a0-0000-7000-8000-000000000001","role":"editor",)"
    R"("jti":"0192f0a0-0000-7000-8000-000000000002","gen":3,"iat":1799999990,"exp":1800000100})";

std::string claims_with(std::string_view from, std::string_view to) {
  std::string claims(kClaims);
  claims.replace(claims.find(from), from.size(), to);
  return claims;
}

TEST(AccessToken, IsReadBackAsItWasIssued) {
  FixedClock clock;
  AccessTokens tokens(kKey, clock);
  Principal principal;
  principal.user_id = *parse_uuid("0192f0a0-0000-7000-8000-000000000001");
  principal.role = Role::operator_;
  principal.token_id = *parse_uuid("0192f0a0-0000-7000-8000-000000000002");
  principal.session_id = *parse_uuid("0192f0a0-0000-7000-8000-000000000003");
  principal.generation = 7;
  principal.expires_at = clock.now() + std::chrono::minutes(15);
  const auto read = tokens.verify(*tokens.issue(principal));
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)->user_id, principal.user_id);
  EXPECT_EQ((*read)->role, Role::operator_);
  EXPECT_EQ((*read)->token_id, principal.token_id);
  EXPECT_EQ((*read)->session_id, principal.session_id);
  EXPECT_EQ((*read)->generation, 7);
  EXPECT_EQ((*read)->expires_at, principal.expires_at);
}

TEST(AccessToken, OfAnotherIssuerIsAcceptedWhenItIsRight) {
  FixedClock clock;
  const auto read = AccessTokens(kKey, clock).verify(token(kHeader, kClaims));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ((*read)->role, Role::editor);
  EXPECT_EQ((*read)->generation, 3);
}

struct BadToken {
  const char* name;
  std::function<std::string()> make;
};
class BadTokenTest : public testing::TestWithParam<BadToken> {};

TEST_P(BadTokenTest, IsRefused) {
  FixedClock clock;
  AccessTokens tokens(kKey, clock);
  for (int repeated = 0; repeated < 2; ++repeated) {
    const auto read = tokens.verify(GetParam().make());
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ErrorKind::unauthenticated);
    EXPECT_FALSE(read.error().hint.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, BadTokenTest,
    testing::Values(
        BadToken{"empty", [] { return std::string(); }},
        BadToken{"garbage", [] { return std::string("a.b.c"); }},
        BadToken{"dots", [] { return std::string("..."); }},
        BadToken{
            "no_algorithm_unsigned",
            [] { return base64(R"({"alg":"none","typ":"JWT"})") + "." + base64(kClaims) + "."; }},
        BadToken{"no_algorithm_signed",
                 [] { return token(R"({"alg":"none","typ":"JWT"})", kClaims); }},
        BadToken{
            "no_algorithm_capitals",
            [] { return base64(R"({"alg":"NONE","typ":"JWT"})") + "." + base64(kClaims) + "."; }},
        BadToken{
            "other_algorithm",
            [] { return token(R"({"alg":"HS512","typ":"JWT"})", kClaims, kKey, EVP_sha512()); }},
        BadToken{"public_key_algorithm",
                 [] { return token(R"({"alg":"RS256","typ":"JWT"})", kClaims); }},
        BadToken{"algorithm_missing", [] { return token(R"({"typ":"JWT"})", kClaims); }},
        BadToken{"wrong_key", [] { return token(kHeader, kClaims, std::string(32, 'k')); }},
        BadToken{"changed_claims",
                 [] {
                   const std::string good = token(kHeader, kClaims);
                   return base64(kHeader) + "." + base64(claims_with("editor", "admin\"")) +
                          good.substr(good.rfind('.'));
                 }},
        BadToken{"signature_cut",
                 [] {
                   const std::string good = token(kHeader, kClaims);
                   return good.substr(0, good.size() - 2);
                 }},
        BadToken{"signature_missing", [] { return base64(kHeader) + "." + base64(kClaims); }},
        BadToken{"expired", [] { return token(kHeader, claims_with("1800000100", "1800000000")); }},
        BadToken{"expiry_missing",
                 [] { return token(kHeader, claims_with(R"(,"exp":1800000100)", "")); }},
        BadToken{"expiry_is_text",
                 [] { return token(kHeader, claims_with("1800000100", "\"1800000100\"")); }},
        BadToken{"from_the_future",
                 [] { return token(kHeader, claims_with("1799999990", "1800000090")); }},
        BadToken{"role_unknown", [] { return token(kHeader, claims_with("editor", "root")); }},
        BadToken{"role_missing",
                 [] { return token(kHeader, claims_with(R"("role":"editor",)", "")); }},
        BadToken{"subject_is_no_id",
                 [] {
                   return token(kHeader, claims_with("0192f0a0-0000-7000-8000-000000000001", "me"));
                 }},
        BadToken{"claims_are_no_object", [] { return token(kHeader, "[1]"); }},
        BadToken{"huge", [] { return token(kHeader, kClaims) + std::string(10'000, 'a'); }}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(AccessToken, IsRefusedOnceItHasExpiredThoughItWasGoodBefore) {
  FixedClock clock;
  AccessTokens tokens(kKey, clock);
  const std::string text = token(kHeader, kClaims);
  EXPECT_TRUE(tokens.verify(text));
  clock.seconds = 1'800'000'100;
  EXPECT_FALSE(tokens.verify(text));
}

TEST(AccessToken, KeyMustBeLongAndVaried) {
  EXPECT_TRUE(AccessTokens::check_key(kKey));
  EXPECT_FALSE(AccessTokens::check_key(""));
  EXPECT_FALSE(AccessTokens::check_key("short"));
  EXPECT_FALSE(AccessTokens::check_key(std::string(64, 'a')));
  EXPECT_EQ(AccessTokens::check_key("secret-word").error().message.find("secret-word"),
            std::string::npos);
}

TEST(RevocationsTest, RefuseATokenASessionOrAGeneration) {
  SeededRandom random(1);
  const Time now{std::chrono::seconds(kNow)};
  Principal principal;
  principal.user_id = make_uuid(now, random);
  principal.token_id = make_uuid(now, random);
  principal.session_id = make_uuid(now, random);
  principal.generation = 2;
  Revocations revocations;
  EXPECT_FALSE(revocations.is_revoked(principal));
  revocations.add({principal.user_id, 2, now});
  EXPECT_FALSE(revocations.is_revoked(principal)) << "its own generation";
  revocations.add({principal.user_id, 3, now});
  EXPECT_TRUE(revocations.is_revoked(principal));
  revocations.add({principal.user_id, 1, now});
  EXPECT_TRUE(revocations.is_revoked(principal)) << "an older row arrived late";
  revocations.forget_expired(now);
  EXPECT_FALSE(revocations.is_revoked(principal));
  for (const Uuid& subject : {principal.token_id, principal.session_id}) {
    Revocations others;
    others.add({subject, -1, now});
    EXPECT_TRUE(others.is_revoked(principal));
  }
}

}  // namespace
}  // namespace auterity::api
