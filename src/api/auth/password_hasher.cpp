#include "api/auth/password_hasher.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <set>

#include "data/run_blocking.h"

namespace auterity::api {
namespace asio = boost::asio;
namespace {

constexpr unsigned long long kPasses = 2;
constexpr std::size_t kMemory = 19u << 20;
constexpr std::size_t kShortest = 8, kLongest = 256, kDifferent = 4;

// Parameters by value: the frame outlives the call that made it.
Async<Result<std::string>> hash_here(std::string password) {
  std::array<char, crypto_pwhash_STRBYTES> out;
  const int failed = crypto_pwhash_str_alg(out.data(), password.data(), password.size(), kPasses,
                                           kMemory, crypto_pwhash_ALG_ARGON2ID13);
  sodium_memzero(password.data(), password.size());
  if (failed)
    co_return fail(ErrorKind::unavailable, "not enough memory to hash a password", "try again");
  co_return std::string(out.data());
}

Async<Result<bool>> verify_here(std::string password, std::string hash) {
  if (hash.empty()) {
    const auto ignored = co_await hash_here(std::move(password));
    co_return ignored ? Result<bool>(false) : std::unexpected(ignored.error());
  }
  const bool matches =
      crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
  sodium_memzero(password.data(), password.size());
  co_return matches;
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return result;
}

constexpr std::array<std::string_view, 16> kMostUsed{
    "password",   "password1", "password123", "12345678",   "123456789", "1234567890",
    "qwertyuiop", "qwerty123", "1q2w3e4r",    "letmein123", "iloveyou",  "admin123",
    "welcome1",   "sunshine",  "football",    "changeme"};

}  // namespace

struct PasswordHasher::Ticket {
  explicit Ticket(PasswordHasher& hasher) : hasher_(hasher) { ++hasher_.pending_; }
  ~Ticket() { --hasher_.pending_; }
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  PasswordHasher& hasher_;
};

PasswordHasher::PasswordHasher(std::size_t threads, std::size_t queue)
    : pool_(threads), limit_(queue + threads) {
  if (sodium_init() < 0) std::abort();
}

PasswordHasher::~PasswordHasher() { pool_.join(); }

Async<Result<std::string>> PasswordHasher::hash(std::string password) {
  if (pending_ >= limit_)
    co_return fail(ErrorKind::rate_limited, "too many sign-ins at once", "try again in a second");
  const Ticket ticket(*this);
  co_return co_await data::run_on_pool(pool_.get_executor(), hash_here(std::move(password)));
}

Async<Result<bool>> PasswordHasher::verify(std::string password, std::string hash) {
  if (pending_ >= limit_)
    co_return fail(ErrorKind::rate_limited, "too many sign-ins at once", "try again in a second");
  const Ticket ticket(*this);
  co_return co_await data::run_on_pool(pool_.get_executor(),
                                       verify_here(std::move(password), std::move(hash)));
}

Status check_password(std::string_view password, std::string_view email) {
  const auto refuse = [](std::string why) -> Status {
    return fail(ErrorKind::invalid_input, "the password " + why,
                "choose a sentence of four words or more, or let a password safe make one");
  };
  if (password.size() < kShortest) return refuse("is shorter than 8 characters");
  if (password.size() > kLongest) return refuse("is longer than 256 bytes");
  if (std::set<char>(password.begin(), password.end()).size() < kDifferent)
    return refuse("has fewer than four different characters");
  const std::string lower = lower_case(password), account = lower_case(email);
  const std::string_view name = std::string_view(account).substr(0, account.find('@'));
  if (lower == account || lower == name) return refuse("is the account's name");
  if (std::ranges::find(kMostUsed, lower) != kMostUsed.end())
    return refuse("is one of those that are tried first");
  return {};
}

}  // namespace auterity::api
