#pragma once
// A file of events, one JSON document a line, each there for readers as soon as it has happened.
#include <filesystem>
#include <fstream>
#include <memory>

#include "core/error.h"
#include "core/json.h"

namespace auterity::cli {

class EventFile {
 public:
  // Empties or creates the file; invalid_input when that cannot be done.
  static Result<std::unique_ptr<EventFile>> open(const std::filesystem::path& path);

  void append(const Json& event);
  // storage_full when a line could not be written.
  Status written() const;

 private:
  explicit EventFile(std::filesystem::path path);

  std::filesystem::path path_;
  std::ofstream stream_;
};

}  // namespace auterity::cli
