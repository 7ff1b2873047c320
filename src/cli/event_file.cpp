#include "cli/event_file.h"

#include <fmt/format.h>

namespace auterity::cli {

EventFile::EventFile(std::filesystem::path path)
    : path_(std::move(path)), stream_(path_, std::ios::binary | std::ios::trunc) {}

Result<std::unique_ptr<EventFile>> EventFile::open(const std::filesystem::path& path) {
  std::unique_ptr<EventFile> file(new EventFile(path));
  if (!file->stream_)
    return fail(ErrorKind::invalid_input,
                fmt::format("the events file {} cannot be written", path.string()),
                "name a file in a folder that is there and that you may write to");
  return file;
}

void EventFile::append(const Json& event) { stream_ << to_text(event) << '\n' << std::flush; }

Status EventFile::written() const {
  if (stream_) return {};
  return fail(ErrorKind::storage_full,
              fmt::format("writing the events to {} failed", path_.string()),
              "free space on its disk, or name another file");
}

}  // namespace auterity::cli
