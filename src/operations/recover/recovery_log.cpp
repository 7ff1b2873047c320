#include "operations/recover/recovery_log.h"

#include <fmt/format.h>

#include <algorithm>

namespace auterity::operations {

using backup::BackupObject;

RecoveryLog::RecoveryLog(data::SealedObjects& objects, backup::BackupManifest manifest)
    : objects_(objects),
      manifest_(std::move(manifest)),
      archive_(objects, manifest_.database->system_id) {}

Async<Result<std::string>> RecoveryLog::fetch(std::string name) {
  const auto position = data::parse_segment_name(name);
  const std::string end = fmt::format(".wal.{}", name);
  const auto own = std::ranges::find_if(
      manifest_.objects, [&](const BackupObject& object) { return object.key.ends_with(end); });
  if (!position || own == manifest_.objects.end()) co_return co_await archive_.fetch(name);
  AUTERITY_CO_TRY(reach, co_await archive_.reach(position->timeline, position->start));
  const data::Lsn needed =
      std::min(position->start + data::kWalSegmentBytes, manifest_.database->proof);
  if (reach >= needed) co_return co_await archive_.fetch(name);
  co_return co_await fetch_own(std::move(name), *own);
}

Async<Result<std::string>> RecoveryLog::fetch_own(std::string name, const BackupObject& object) {
  AUTERITY_CO_TRY(reader, co_await objects_.open_reader(object.key, object.sha256));
  std::string content;
  for (;;) {
    AUTERITY_CO_TRY(piece, co_await reader->read());
    if (piece.empty()) break;
    content += piece;
    if (content.size() > data::kWalSegmentBytes)
      co_return fail(ErrorKind::failed, fmt::format("{} of the backup is no segment", name),
                     "recover from another backup");
  }
  content.resize(data::kWalSegmentBytes);  // PostgreSQL takes zeros for the end of the log
  co_return content;
}

}  // namespace auterity::operations
