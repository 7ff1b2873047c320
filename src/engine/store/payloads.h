#pragma once
// Large values by reference. Purpose: texts over 64 KiB (inputs, outputs, errors, states, history)
// live in the object store, and the database holds a reference with their size and SHA-256.
// Invariants: an object is complete before a row refers to it, so that a full disk or a crash
// leaves no row without its payload; what is read is verified, so that damage is never taken for
// data; equal payloads of one day are one object. Keys are "payloads/<day of the
// execution>/<sha256>": retention removes a day's objects with its rows, and with them what a
// failed write left over. Not here: when to write rows.
//
// Stored form: a text that does not begin with '@' is itself; "@payload:<sha256>:<size>" is a
// reference; "@@…" is a text that begins with '@'.
#include <optional>
#include <string>
#include <string_view>

#include "core/async.h"
#include "core/error.h"
#include "core/uuid.h"
#include "data/object_store.h"

namespace auterity::engine {

inline constexpr std::size_t kMaxInlineBytes = 64 * 1024;

struct PayloadReference {
  std::string sha256;  // 64 hex digits
  std::size_t size = 0;
  bool operator==(const PayloadReference&) const = default;
};
std::string to_text(const PayloadReference& reference);
// nullopt when `stored` is an inline text.
std::optional<PayloadReference> parse_payload_reference(std::string_view stored);

// "payloads/2026-11-24/"
std::string payload_folder(Time day);
std::string payload_key(const Uuid& execution, const PayloadReference& reference);

// Whether the stored form of `text` is the text itself.
bool is_inline(std::string_view text);
// The stored form of a text of at most kMaxInlineBytes, and back.
std::string to_inline(std::string text);
std::string from_inline(std::string_view stored);

class Payloads {
 public:
  explicit Payloads(data::ObjectStore& objects) : objects_(objects) {}

  // The form in which `text` goes into the database; large texts are durable in the object store
  // when it answers. storage_full and unavailable come from there, and nothing refers to a part of
  // a payload.
  Async<Result<std::string>> keep(Uuid execution, std::string text);
  // The text again. internal when the object is missing or is not what was written.
  Async<Result<std::string>> fetch(Uuid execution, std::string stored);

 private:
  data::ObjectStore& objects_;
};

}  // namespace auterity::engine
