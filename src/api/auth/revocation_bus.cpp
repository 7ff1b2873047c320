#include "api/auth/revocation_bus.h"

#include <fmt/format.h>

#include <charconv>

#include "api/auth/sessions.h"

namespace auterity::api {
namespace {

std::string_view next_word(std::string_view& text) {
  const std::size_t space = text.find(' ');
  const std::string_view word = text.substr(0, space);
  text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  return word;
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string to_message(const Revocation& revocation) {
  return fmt::format("{} {} {}", to_text(revocation.subject), revocation.generation,
                     to_epoch_microseconds(revocation.expires_at));
}

std::optional<Revocation> parse_revocation(std::string_view message) {
  const auto subject = parse_uuid(next_word(message));
  const auto generation = parse_number(next_word(message));
  const auto expires_at = parse_number(next_word(message));
  if (!subject || !generation || !expires_at || !message.empty()) return std::nullopt;
  return Revocation{*subject, *generation, Time(std::chrono::microseconds(*expires_at))};
}

Async<void> RevocationBus::tell(Revocation revocation) {
  revocations_.add(revocation);
  if (!redis_) co_return;
  const Status told = co_await redis_->publish(std::string(kChannel), to_message(revocation));
  if (!told)
    log_.warning("auth", "other replicas hear of a revoked token by the database only",
                 {{"reason", Json(told.error().message)}});
}

Async<void> RevocationBus::run() {
  if (!redis_) co_return;
  // What was missed while the connection was away is read from the database within seconds.
  co_await redis_->subscribe(
      {std::string(kChannel)},
      [this](std::string_view, std::string_view message) { take(message); }, [] {});
}

void RevocationBus::take(std::string_view message) {
  const auto revocation = parse_revocation(message);
  if (!revocation || revocation->expires_at > clock_.now() + 2 * Sessions::kLongestAccessLifetime) {
    log_.warning("auth", "a message about revoked tokens is not one of ours and was ignored");
    return;
  }
  revocations_.add(*revocation);
}

}  // namespace auterity::api
