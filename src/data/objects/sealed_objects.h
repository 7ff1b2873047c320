#pragma once
// An object store whose objects are sealed before they leave (sealing.h): compressed if wanted,
// encrypted with a key derived from the backup key and the object's own key, hashed as stored.
// Streams in both directions, a few chunks in memory; calculation runs off the event loop. A reader
// that came to its end without an error has read exactly what was written under that key.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/async.h"
#include "data/object_store.h"
#include "data/objects/sealing.h"

namespace auterity::data {

// What a manifest keeps about an object.
struct SealedObject {
  std::string key;
  std::string sha256;             // of the bytes as stored, 64 hexadecimal digits
  std::uint64_t size = 0;         // of the content
  std::uint64_t stored_size = 0;  // as stored
};

struct SealOptions {
  Compression compression = Compression::zstd;
  WriteCondition condition;
};

class SealedWriter {
 public:
  virtual ~SealedWriter() = default;
  // Any size; answers when the store has taken what became ready. After an error it is over.
  virtual Async<Status> write(std::string_view bytes) = 0;
  virtual Async<Result<SealedObject>> finish() = 0;
};

class SealedReader {
 public:
  virtual ~SealedReader() = default;
  // Next piece of content, at most 1 MiB; empty at the end. Errors of Unsealer and of the store;
  // failed, too, when the stored bytes are not those of the expected hash.
  virtual Async<Result<std::string>> read() = 0;
  // After the end.
  virtual const SealedObject& object() const = 0;
};

class SealedObjects {
 public:
  // `blocking` is a pool of threads for calculation.
  SealedObjects(ObjectStore& store, Executor blocking, SealingKey key)
      : store_(store), blocking_(std::move(blocking)), key_(std::move(key)) {}

  Async<Result<std::unique_ptr<SealedWriter>>> open_writer(std::string key,
                                                           SealOptions options = {});
  // `sha256`: what the stored bytes must hash to; empty: only authenticity is checked.
  Async<Result<std::unique_ptr<SealedReader>>> open_reader(std::string key,
                                                           std::string sha256 = {});
  Async<Result<SealedObject>> put(std::string key, std::string content, SealOptions options = {});
  Async<Result<std::string>> get(std::string key, std::size_t max_bytes = 64u << 20);

  ObjectStore& store() { return store_; }
  const SealingKey& key() const { return key_; }

 private:
  ObjectStore& store_;
  Executor blocking_;
  SealingKey key_;
};

// Hash and size of an object as stored, which needs no key; `size` stays 0.
Async<Result<SealedObject>> digest_stored(ObjectStore& store, Executor blocking, std::string key);

}  // namespace auterity::data
