#include "data/objects/sealing_key.h"

#include <sodium.h>

#include <span>

namespace auterity::data {
namespace {

static_assert(kSealingKeyBytes == crypto_generichash_KEYBYTES);
constexpr std::size_t kIdBytes = 16;
constexpr std::string_view kIdPurpose = "auterity sealing key id 1";
constexpr std::string_view kObjectPurpose = "auterity sealed object 1\n";

void hash(std::span<unsigned char> out, std::string_view text, const KeyBytes& key) {
  crypto_generichash(out.data(), out.size(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size(), key.data(), key.size());
}

std::string hexadecimal(std::span<const unsigned char> bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

}  // namespace

SealingKey SealingKey::draw(Random& random) {
  KeyBytes bytes;
  random.fill(bytes);
  return SealingKey(bytes);
}

Result<SealingKey> SealingKey::parse(std::string_view text) {
  KeyBytes bytes;
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_hex2bin(bytes.data(), bytes.size(), text.data(), text.size(), " \t\r\n", &size,
                     &end) != 0 ||
      size != bytes.size() || end != text.data() + text.size()) {
    return fail(ErrorKind::invalid_input, "this is no backup key: it is not 64 hexadecimal digits",
                "put the copy of the key back that was made when the environment was created");
  }
  SealingKey key(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  return key;
}

SealingKey::~SealingKey() { sodium_memzero(bytes_.data(), bytes_.size()); }

std::string SealingKey::text() const { return hexadecimal(bytes_); }

std::string SealingKey::id() const {
  std::array<unsigned char, kIdBytes> digest;
  hash(digest, kIdPurpose, bytes_);
  return hexadecimal(digest);
}

KeyBytes SealingKey::derive(std::string_view object_name) const {
  KeyBytes derived;
  hash(derived, std::string(kObjectPurpose).append(object_name), bytes_);
  return derived;
}

}  // namespace auterity::data
