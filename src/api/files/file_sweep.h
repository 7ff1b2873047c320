#pragma once
// The duty that finishes removals of files whose bytes could not be removed at once.
#include "api/files/file_store.h"
#include "core/clock.h"
#include "core/log.h"
#include "data/object_store.h"

namespace auterity::api {

class FileSweep {
 public:
  FileSweep(FileStore& files, data::ObjectStore& objects, Clock& clock, Log& log)
      : files_(files), objects_(objects), clock_(clock), log_(log) {}

  // Answers how many files are gone for good now.
  Async<Result<std::size_t>> run_once();
  // Every ten minutes, until cancelled.
  Async<void> run();

 private:
  FileStore& files_;
  data::ObjectStore& objects_;
  Clock& clock_;
  Log& log_;
};

}  // namespace auterity::api
