#include "targets/local/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cassert>

namespace auterity::local {

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, 32> digest{};
  [[maybe_unused]] const int done =
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  assert(done == 1 && "SHA-256 is always there");
  return fmt::format("{:02x}", fmt::join(digest, ""));
}

}  // namespace auterity::local
