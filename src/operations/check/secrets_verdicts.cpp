#include "operations/check/judgements.h"
#include "operations/check/verdicts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace auterity::operations::check {
namespace {

constexpr std::size_t kDifferentCharacters = 8;
constexpr std::size_t kPasswordCharacters = 12;
constexpr std::size_t kSigningKeyCharacters = 32;
constexpr std::size_t kSealingKeyCharacters = 64;

bool is_default_password(std::string_view value) {
  constexpr std::array<std::string_view, 14> kDefaults{
      "password", "postgres", "changeme", "change-me", "secret",      "admin",   "redis",
      "auterity", "default",  "example",  "test",      "your-secret", "letmein", "123456"};
  std::string lower(value);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::any_of(kDefaults, [&](std::string_view word) {
    return lower == word || (word.size() >= 6 && lower.contains(word));
  });
}

}  // namespace

Judgement judge_secret(std::string_view name, std::string_view value,
                       std::size_t least_characters) {
  const std::string mend =
      fmt::format("set {} to at least {} random characters, for example: openssl rand -hex 32",
                  name, least_characters);
  if (value.empty()) return failed(fmt::format("{} is not set", name), mend);
  if (is_default_password(value))
    return failed(fmt::format("{} holds a word that everybody tries first", name), mend);
  if (value.size() < least_characters)
    return failed(fmt::format("{} has {} characters", name, value.size()), mend);
  if (std::set<char>(value.begin(), value.end()).size() < kDifferentCharacters)
    return failed(fmt::format("{} is made of a few characters repeated", name), mend);
  return pass(fmt::format("{} is set and strong", name));
}

std::string_view password_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t authority = scheme == url.npos ? 0 : scheme + 3;
  const std::string_view host = url.substr(authority, url.find('/', authority) - authority);
  std::string_view password;
  if (const std::size_t at = host.rfind('@'); at != host.npos)
    if (const std::size_t colon = host.find(':'); colon < at)
      password = host.substr(colon + 1, at - colon - 1);
  if (const std::size_t parameter = url.find("password="); parameter != url.npos) {
    password = url.substr(parameter + 9);
    password = password.substr(0, password.find_first_of("&# "));
  }
  return password;
}

Judgement judge_url_password(std::string_view name, std::string_view url) {
  if (url.empty()) return failed(fmt::format("{} is not set", name), fmt::format("set {}", name));
  const std::string_view password = password_of(url);
  if (password.empty()) return pass(fmt::format("{} is set, without a password in it", name));
  return judge_secret(fmt::format("the password of {}", name), password, kPasswordCharacters);
}

Findings judge_secrets(const Result<SecretsFacts>& facts) {
  if (!facts) return std::unexpected(facts.error());
  return std::vector<Finding>{
      {"environment-jwt-secret-key",
       judge_secret("JWT_SECRET_KEY", facts->signing_key, kSigningKeyCharacters)},
      {"environment-database-url", judge_url_password("DATABASE_URL", facts->database_url)},
      {"environment-redis-url", judge_url_password("REDIS_URL", facts->redis_url)},
      {"environment-secrets-key",
       judge_secret("AUTERITY_SECRETS_KEY", facts->sealing_key, kSealingKeyCharacters)}};
}

}  // namespace auterity::operations::check
