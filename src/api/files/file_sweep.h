#pragma once
// The duty that finishes removals of files whose bytes could not be removed at once, or had
// to stay for a backup.
#include "api/files/file_store.h"
#include "data/object_store.h"

namespace auterity::api {

class FileSweep {
 public:
  FileSweep(FileStore& files, data::ObjectStore& objects) : files_(files), objects_(objects) {}

  // Answers how many files are gone for good now.
  Async<Result<std::size_t>> run_once();

 private:
  FileStore& files_;
  data::ObjectStore& objects_;
};

}  // namespace auterity::api
