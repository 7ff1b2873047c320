#include "engine/store/digest.h"

#include <openssl/evp.h>

#include <array>
#include <cassert>

namespace auterity::engine {

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, 32> digest{};
  unsigned size = 0;
  [[maybe_unused]] int done =
      EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  assert(done == 1 && size == digest.size());
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(64);
  for (unsigned char byte : digest) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

}  // namespace auterity::engine
