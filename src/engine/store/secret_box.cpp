#include "engine/store/secret_box.h"

#include <fmt/format.h>
#include <sodium.h>

#include <cassert>
#include <vector>

namespace auterity::engine {
namespace {

static_assert(crypto_secretbox_KEYBYTES == 32);
constexpr std::size_t kNonceBytes = crypto_secretbox_NONCEBYTES;
constexpr std::size_t kMacBytes = crypto_secretbox_MACBYTES;
constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;

std::string to_base64(const std::vector<unsigned char>& bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
  text.pop_back();  // the terminator, which the length counts
  return text;
}

// The name goes into the box, so that a value sealed for one name does not open under another.
std::string labelled(std::string_view name, std::string_view value) {
  std::string text(name);
  text += '\0';
  text += value;
  return text;
}

const unsigned char* bytes_of(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Result<SecretBox> SecretBox::from_key(std::string_view key) {
  SecretBox box;
  std::size_t size = 0;
  const int parsed = sodium_hex2bin(box.key_.data(), box.key_.size(), key.data(), key.size(),
                                    nullptr, &size, nullptr);
  if (parsed != 0 || size != box.key_.size())
    return fail(ErrorKind::invalid_input, "the secrets key is not 64 hexadecimal digits",
                "set AUTERITY_SECRETS_KEY to the output of: openssl rand -hex 32");
  static constexpr std::string_view kPurpose = "auterity secrets key id";
  std::array<unsigned char, crypto_generichash_BYTES_MIN> digest{};
  crypto_generichash(digest.data(), digest.size(),
                     reinterpret_cast<const unsigned char*>(kPurpose.data()), kPurpose.size(),
                     box.key_.data(), box.key_.size());
  for (std::size_t i = 0; i < 8; ++i) box.key_id_ += fmt::format("{:02x}", digest[i]);
  return box;
}

SecretBox::~SecretBox() { sodium_memzero(key_.data(), key_.size()); }

std::string SecretBox::seal(std::string_view name, std::string_view value, Random& random) const {
  std::string plain = labelled(name, value);
  std::vector<unsigned char> sealed(kNonceBytes + kMacBytes + plain.size());
  random.fill({sealed.data(), kNonceBytes});
  crypto_secretbox_easy(sealed.data() + kNonceBytes, bytes_of(plain), plain.size(), sealed.data(),
                        key_.data());
  sodium_memzero(plain.data(), plain.size());
  return to_base64(sealed);
}

Result<std::string> SecretBox::open(std::string_view name, std::string_view sealed) const {
  // Never empty, so that its address is one.
  std::vector<unsigned char> bytes(sealed.size() + 1);
  std::size_t size = 0;
  const int decoded = sodium_base642bin(bytes.data(), sealed.size(), sealed.data(), sealed.size(),
                                        nullptr, &size, nullptr, kVariant);
  const auto refused = [&] {
    return fail(ErrorKind::internal,
                fmt::format("secret {} cannot be opened: it is damaged or belongs elsewhere", name),
                "put its value again");
  };
  if (decoded != 0 || size < kNonceBytes + kMacBytes) return refused();
  std::string plain(size - kNonceBytes - kMacBytes, '\0');
  if (crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(plain.data()),
                                 bytes.data() + kNonceBytes, size - kNonceBytes, bytes.data(),
                                 key_.data()) != 0)
    return refused();
  if (plain.size() <= name.size() || !plain.starts_with(name) || plain[name.size()] != '\0')
    return refused();
  std::string value = plain.substr(name.size() + 1);
  sodium_memzero(plain.data(), plain.size());
  return value;
}

}  // namespace auterity::engine
