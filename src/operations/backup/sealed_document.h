#pragma once
// Small JSON documents of a backup that nobody may change unnoticed: manifests and records of
// verification. A document lies in clear text, so that a person with jq can read what there is, and
// carries its own SHA-256 and a MAC (HMAC-SHA-256, RFC 2104) under a key that only this purpose
// has. Reading is strict to the byte: what was not written exactly so is refused, and the error
// tells a document that was cut short, altered, sealed with another key or written by a newer
// program apart. Does not encrypt.
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/json.h"

namespace auterity::operations::backup {

// Wiped with the object.
class DocumentSeal {
 public:
  // A key of its own is derived from `backup_key`; `key_id` tells backup keys apart and nothing
  // about them.
  DocumentSeal(std::span<const std::uint8_t, 32> backup_key, std::string key_id);
  DocumentSeal(const DocumentSeal&) = default;
  DocumentSeal& operator=(const DocumentSeal&) = default;
  ~DocumentSeal();

  const std::string& key_id() const { return key_id_; }
  // 64 hexadecimal digits.
  std::string mac_of(std::string_view text) const;
  // In constant time.
  bool is_mac_of(std::string_view mac, std::string_view text) const;

 private:
  std::array<std::uint8_t, 32> key_{};
  std::string key_id_;
};

// `purpose` ("manifest") goes into the MAC, so that one document never passes for another kind.
// `preface` stands first, for a reader who knows the guide's metadata; its members come from
// `body`.
std::string seal_document(std::string_view purpose, JsonObject preface, JsonObject body,
                          const DocumentSeal& seal);
// The body. Errors: failed (cut short, altered), forbidden (another key), not_ready (a newer
// format).
Result<JsonObject> open_document(std::string_view purpose, std::string_view text,
                                 const DocumentSeal& seal);

}  // namespace auterity::operations::backup
