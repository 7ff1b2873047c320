#pragma once
// Sealing of secrets with one key (libsodium secretbox: XSalsa20 and Poly1305,
// https://doc.libsodium.org). Purpose: what lies in the database or a backup is of no use without
// the key, and a sealed value cannot be moved under another name. The key never leaves this object
// and is wiped with it.
#include <array>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/random.h"

namespace auterity::engine {

class SecretBox {
 public:
  // `key`: 64 hexadecimal digits, as in AUTERITY_SECRETS_KEY. invalid_input otherwise, without
  // repeating any of it.
  static Result<SecretBox> from_key(std::string_view key);
  SecretBox(const SecretBox&) = default;
  SecretBox& operator=(const SecretBox&) = default;
  ~SecretBox();

  // 16 hex digits that tell keys apart and nothing about the key.
  const std::string& key_id() const { return key_id_; }
  // base64 of nonce and box.
  std::string seal(std::string_view name, std::string_view value, Random& random) const;
  // internal when `sealed` is damaged, was sealed under another name or with another key.
  Result<std::string> open(std::string_view name, std::string_view sealed) const;

 private:
  SecretBox() = default;
  std::array<unsigned char, 32> key_{};
  std::string key_id_;
};

}  // namespace auterity::engine
