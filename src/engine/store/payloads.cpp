#include "engine/store/payloads.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "core/digest.h"

namespace auterity::engine {
namespace {

constexpr std::string_view kPrefix = "@payload:";
constexpr std::size_t kHashDigits = 64;

std::unexpected<Error> damaged(const Uuid& execution, std::string_view what) {
  return fail(ErrorKind::internal,
              fmt::format("a stored payload of execution {} {}", to_text(execution), what),
              "restore the object store from a backup; the reference in the database is unharmed");
}

}  // namespace

std::string to_text(const PayloadReference& reference) {
  return fmt::format("{}{}:{}", kPrefix, reference.sha256, reference.size);
}

std::optional<PayloadReference> parse_payload_reference(std::string_view stored) {
  if (!stored.starts_with(kPrefix)) return std::nullopt;
  stored.remove_prefix(kPrefix.size());
  if (stored.size() < kHashDigits + 2 || stored[kHashDigits] != ':') return std::nullopt;
  PayloadReference reference{.sha256 = std::string(stored.substr(0, kHashDigits))};
  std::string_view digits = stored.substr(kHashDigits + 1);
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), reference.size);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return reference;
}

std::string payload_folder(Time day) {
  std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(day)};
  return fmt::format("payloads/{:04}-{:02}-{:02}/", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string payload_key(const Uuid& execution, const PayloadReference& reference) {
  return payload_folder(time_of(execution)) + reference.sha256;
}

bool is_inline(std::string_view text) {
  return text.size() <= kMaxInlineBytes && !text.starts_with('@');
}

std::string to_inline(std::string text) {
  if (text.starts_with('@')) text.insert(0, 1, '@');
  return text;
}

std::string from_inline(std::string_view stored) {
  if (stored.starts_with("@@")) stored.remove_prefix(1);
  return std::string(stored);
}

Async<Result<std::string>> Payloads::keep(Uuid execution, std::string text) {
  if (text.size() <= kMaxInlineBytes) co_return to_inline(std::move(text));
  PayloadReference reference{.sha256 = sha256_hex(text), .size = text.size()};
  auto put = co_await objects_.put(payload_key(execution, reference), std::move(text),
                                   {.only_if_absent = true});
  // Content is the key: what is already there is this payload.
  if (!put && put.error().kind != ErrorKind::conflict)
    co_return std::unexpected(std::move(put).error().within("storing a payload"));
  co_return to_text(reference);
}

Async<Result<std::string>> Payloads::fetch(Uuid execution, std::string stored) {
  auto reference = parse_payload_reference(stored);
  if (!reference) co_return from_inline(stored);
  auto content = co_await objects_.get(payload_key(execution, *reference), reference->size);
  if (!content) {
    if (content.error().kind == ErrorKind::not_found) co_return damaged(execution, "is missing");
    if (content.error().kind == ErrorKind::too_large)
      co_return damaged(execution, "is larger than its reference says");
    co_return std::unexpected(std::move(content).error().within("reading a payload"));
  }
  if (content->size() != reference->size || sha256_hex(*content) != reference->sha256)
    co_return damaged(execution, "differs from what was written");
  co_return std::move(*content);
}

}  // namespace auterity::engine
