#include "api/auth/login_limiter.h"

#include <fmt/core.h>

#include <array>

#include "core/digest.h"

namespace auterity::api {
namespace {

constexpr std::size_t kMostWindows = 20'000;

// Atomic in Redis, so that no counter is left without an end.
constexpr std::string_view kCountScript =
    "local n = redis.call('INCR', KEYS[1]) "
    "if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end return n";

}  // namespace

Async<Status> LoginLimiter::admit(std::string account, std::string address) {
  struct Rule {
    std::string key;
    std::int64_t attempts;
    std::chrono::seconds window;
  };
  // Names of accounts are not written into Redis.
  const std::string who = sha256_hex(account).substr(0, 32);
  const std::array rules{
      Rule{fmt::format("auterity:login:pair:{}:{}", who, address), 10, std::chrono::seconds(60)},
      Rule{fmt::format("auterity:login:account:{}", who), 50, std::chrono::seconds(300)},
      Rule{fmt::format("auterity:login:address:{}", address), 100, std::chrono::seconds(60)}};
  for (const Rule& rule : rules) {
    if (co_await count(rule.key, rule.window) <= rule.attempts) continue;
    co_return fail(ErrorKind::rate_limited, "too many attempts to sign in",
                   fmt::format("wait {} seconds, then try again", rule.window.count()));
  }
  co_return Status{};
}

Async<std::int64_t> LoginLimiter::count(std::string key, Duration window) {
  if (redis_) {
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(window).count();
    std::vector<std::string> command{"EVAL", std::string(kCountScript), "1", key,
                                     std::to_string(milliseconds)};
    const auto reply = co_await redis_->command(std::move(command));
    if (reply && reply->kind == data::RedisReply::Kind::integer) co_return reply->integer;
  }
  co_return count_here(key, window);
}

std::int64_t LoginLimiter::count_here(const std::string& key, Duration window) {
  const Duration now = clock_.monotonic();
  if (windows_.size() >= kMostWindows)
    std::erase_if(windows_, [now](const auto& entry) { return entry.second.ends <= now; });
  if (windows_.size() >= kMostWindows) windows_.clear();
  Window& entry = windows_[key];
  if (entry.ends <= now) entry = {0, now + window};
  return ++entry.attempts;
}

}  // namespace auterity::api
