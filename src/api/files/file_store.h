#pragma once
// The table files: what was uploaded. The bytes lie in the object store; a row appears only when
// they are all there.
#include <optional>
#include <string>
#include <vector>

#include "core/async.h"
#include "core/error.h"
#include "core/time.h"
#include "core/uuid.h"
#include "data/database.h"

namespace auterity::api {

struct StoredFile {
  Uuid id;
  std::string name;
  std::string content_type;
  std::uint64_t size = 0;
  std::string sha256;
  std::string object_key;
  std::string created_by;
  Time created_at;
};

class FileStore {
 public:
  explicit FileStore(data::Database& database) : database_(database) {}

  Async<Status> add(StoredFile file);
  Async<Result<StoredFile>> find(Uuid id);
  // Newest first, ids below `before`.
  Async<Result<std::vector<StoredFile>>> list(std::optional<Uuid> before, std::size_t limit);
  // Hides it and answers what it was; not_found. Its bytes are removed after that, then forget()
  // takes the row.
  Async<Result<StoredFile>> remove(Uuid id, Time now);
  Async<Status> forget(Uuid id);
  // Whether bytes of removed files have to stay for now (data/object_hold.h).
  Async<Result<bool>> bytes_are_held();
  // Removed files whose rows are still there: the bytes may be, too.
  Async<Result<std::vector<StoredFile>>> removed(std::size_t limit);

 private:
  data::Database& database_;
};

}  // namespace auterity::api
