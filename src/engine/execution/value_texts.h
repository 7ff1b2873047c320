#pragma once
// Texts of the values that one execution's checkpoints repeat. Purpose: a state is written at every
// checkpoint, and most of its values stood in the one before; each is turned into text once.
// Bounded: large values are written anew each time. What a checkpoint did not ask for is forgotten
// at the next.
#include <cstdint>
#include <string>
#include <unordered_map>

#include "engine/execution/value.h"

namespace auterity::engine {

class ValueTexts {
 public:
  struct Entry {
    Value value;  // keeps the address from being used again
    std::string text;
    std::size_t approximate_size = 0;
    std::uint64_t round = 0;
  };

  // Another checkpoint begins.
  void begin_round();
  // nullptr: too large to be kept.
  const Entry* find(const Value& value);

 private:
  static constexpr std::size_t kMostEach = 4096, kMostTogether = 128u << 10;  // bytes
  std::unordered_map<const Json*, Entry> entries_;
  std::uint64_t round_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace auterity::engine
