#pragma once
// Sealing of a stream of bytes: optional zstd, then authenticated encryption in chunks (libsodium's
// crypto_secretstream_xchacha20poly1305), and the way back. Calculation only; sealed_objects.h
// moves the bytes. Whatever is changed, cut off, appended, reordered or put in another object's
// place is found, at the latest by Unsealer::finish(); content that next() hands out before that is
// authentic as far as it goes.
//
// Format, version 1, numbers little-endian:
//   bytes  0..7   "auterity"
//          8      version: 1
//          9      compression: 0 none, 1 zstd (one or more frames)
//         10..11  0
//         12..15  bytes of a chunk before encryption (at most 1 MiB)
//         16..31  id of the key (sealing_key.h)
//         32..55  header of the secret stream
//         56..63  first 8 bytes of the BLAKE2b hash of the bytes before: tells a damaged header
//                 from another key
//   then chunks, each 17 bytes longer than what it holds; all but the last are full, the last one
//   alone has the stream's final tag. The header is additional data of the first chunk.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/error.h"
#include "data/objects/sealing_key.h"

namespace auterity::data {

enum class Compression : std::uint8_t { none = 0, zstd = 1 };

inline constexpr std::string_view kSealedMagic = "auterity";  // how every sealed object begins
inline constexpr std::size_t kSealedHeaderBytes = 64;

class Sealer {
 public:
  // `name` is what the object will be asked for by. The stream's nonce comes from libsodium's
  // generator: it must never repeat, whatever a test injects.
  Sealer(const SealingKey& key, std::string_view name, Compression compression);
  Sealer(Sealer&&) noexcept;
  ~Sealer();
  // Appends to `stored` what became ready; the first call begins with the header.
  Status add(std::string_view bytes, std::string& stored);
  // Once, at the end.
  Status finish(std::string& stored);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Unsealer {
 public:
  Unsealer(const SealingKey& key, std::string name);
  Unsealer(Unsealer&&) noexcept;
  ~Unsealer();
  // Takes stored bytes in; at most a few chunks at a time, since they are kept until next() has
  // used them.
  void add(std::string_view stored);
  // All stored bytes were added.
  void end();
  // The next piece of content, at most 1 MiB; empty: more stored bytes are needed or, after end(),
  // all was given out and is authentic. Errors: forbidden when another key sealed it,
  // invalid_input when it was sealed by a version that this one does not know, failed when it is
  // damaged.
  Result<std::string> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace auterity::data
