#pragma once
// The secret that objects are sealed with before they leave for a store, and what it is known by.
// It never stands beside what it seals. Each object is sealed with a key of its own, derived from
// this one and the object's name, so that one object put in another's place does not open.
#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/random.h"

namespace auterity::data {

inline constexpr std::size_t kSealingKeyBytes = 32;
using KeyBytes = std::array<unsigned char, kSealingKeyBytes>;

class SealingKey {
 public:
  // `random` must be fit for keys.
  static SealingKey draw(Random& random);
  // The text form: 64 hexadecimal digits, white space around them ignored. invalid_input otherwise,
  // without repeating any of it.
  static Result<SealingKey> parse(std::string_view text);
  SealingKey(const SealingKey&) = default;
  SealingKey& operator=(const SealingKey&) = default;
  ~SealingKey();

  // For the file that keeps the key, and for nothing else.
  std::string text() const;
  // The first 16 bytes of the key's BLAKE2b hash as 32 hexadecimal digits: tells keys apart and
  // gives nothing of them away.
  std::string id() const;
  // BLAKE2b of the object's name, keyed with this key.
  KeyBytes derive(std::string_view object_name) const;

 private:
  explicit SealingKey(const KeyBytes& bytes) : bytes_(bytes) {}
  KeyBytes bytes_;
};

}  // namespace auterity::data
