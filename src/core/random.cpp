#include "core/random.h"

#include <sodium.h>

#include <array>
#include <cassert>
#include <cstring>

namespace auterity {

std::uint64_t Random::next() {
  std::uint64_t value = 0;
  fill({reinterpret_cast<std::uint8_t*>(&value), sizeof value});
  return value;
}

std::uint64_t Random::below(std::uint64_t bound) {
  assert(bound > 0);
  // Values under `threshold` would make the low residues more likely.
  const std::uint64_t threshold = -bound % bound;
  for (;;) {
    const std::uint64_t value = next();
    if (value >= threshold) return value % bound;
  }
}

namespace {

// Bytes of the kernel's generator in advance, for a system call a few bytes at a time is most of
// their price. Each is handed out once, and forgotten here.
class Reserve {
 public:
  static constexpr std::size_t kMost = 64;  // what one caller gets of it

  void take(std::span<std::uint8_t> bytes) {
    if (left_ < bytes.size()) refill();
    std::uint8_t* const from = bytes_.data() + (left_ -= bytes.size());
    std::memcpy(bytes.data(), from, bytes.size());
    sodium_memzero(from, bytes.size());
  }

 private:
  void refill() {
    randombytes_buf(bytes_.data(), bytes_.size());
    left_ = bytes_.size();
  }
  std::array<std::uint8_t, 1024> bytes_{};
  std::size_t left_ = 0;
};

}  // namespace

void SystemRandom::fill(std::span<std::uint8_t> bytes) {
  thread_local Reserve reserve;
  if (bytes.size() <= Reserve::kMost)
    reserve.take(bytes);
  else
    randombytes_buf(bytes.data(), bytes.size());
}

void SeededRandom::fill(std::span<std::uint8_t> bytes) {
  for (std::size_t done = 0; done < bytes.size(); done += sizeof(std::uint64_t)) {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    z ^= z >> 31;
    std::memcpy(bytes.data() + done, &z, std::min(sizeof z, bytes.size() - done));
  }
}

}  // namespace auterity
