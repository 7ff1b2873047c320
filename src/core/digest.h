#pragma once
// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits. For naming and comparing content, not
// for passwords (api/auth/password_hasher.h).
#include <memory>
#include <string>
#include <string_view>

namespace auterity {

std::string sha256_hex(std::string_view bytes);

// For content that arrives in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void add(std::string_view bytes);
  std::string hex();  // once, at the end

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace auterity
