#pragma once
// SHA-256, lower-case hex.
#include <memory>
#include <string>
#include <string_view>

namespace auterity::api {

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

}  // namespace auterity::api
