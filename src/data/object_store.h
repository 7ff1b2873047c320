#pragma once
// Object storage as a service: S3's useful subset, so that a folder (now) and S3 stand behind one
// contract test suite. Keys are relative paths of [A-Za-z0-9._/-], no empty, "." or ".." segment,
// at most 512 bytes and 255 a segment; anything else is invalid_input. A key that is the folder of
// other keys ("a" beside "a/b") is refused with conflict, since a folder cannot hold both.
// Invariants: an object is visible as a whole or not at all, whatever dies meanwhile; storage_full
// loses nothing that was there.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/async.h"
#include "core/error.h"
#include "core/time.h"

namespace auterity::data {

struct ObjectInfo {
  std::string key;
  std::uint64_t size = 0;
  std::string etag;  // changes with the content
  Time modified;
};

// An upload in progress. Destroyed without finish(): as if it had never been.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;
  // After an error the upload is over.
  virtual Async<Status> write(std::string_view bytes) = 0;
  virtual Async<Result<ObjectInfo>> finish() = 0;
};
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  virtual const ObjectInfo& info() const = 0;
  // Next piece, at most 256 KiB; empty at the end.
  virtual Async<Result<std::string>> read() = 0;
};

// Condition of a write: none, only when the key is absent, or only when its etag still is this one;
// otherwise `conflict`.
struct WriteCondition {
  bool only_if_absent = false;
  std::optional<std::string> only_if_etag;
};

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  virtual Async<Result<std::unique_ptr<ObjectWriter>>> open_writer(
      std::string key, WriteCondition condition = {}) = 0;
  virtual Async<Result<std::unique_ptr<ObjectReader>>> open_reader(std::string key) = 0;
  virtual Async<Result<ObjectInfo>> put(std::string key, std::string content,
                                        WriteCondition condition = {}) = 0;
  virtual Async<Result<std::string>> get(std::string key, std::size_t max_bytes = 64u << 20) = 0;
  virtual Async<Result<ObjectInfo>> head(std::string key) = 0;
  // Removing what is absent succeeds.
  virtual Async<Status> remove(std::string key) = 0;
  // Keys under `prefix` in order, after `after`, at most `limit`.
  virtual Async<Result<std::vector<ObjectInfo>>> list(std::string prefix, std::string after,
                                                      std::size_t limit) = 0;
};

// The folder must exist. Blocking file calls run on `blocking` (a small pool), so that a slow disk
// never stops the event loop.
std::unique_ptr<ObjectStore> open_folder_object_store(std::string folder, Executor blocking);

}  // namespace auterity::data
