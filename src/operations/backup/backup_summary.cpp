#include "operations/backup/backup_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

namespace auterity::operations::backup {
namespace {

constexpr std::string_view kFile = "backups.json";

bool is_proven(const Json& row) { return string_or(find_member(row, "state"), "") == "proven"; }

}  // namespace

Status write_summary(Files& files, const std::filesystem::path& folder,
                     const BackupSummary& summary) {
  const JsonObject document{{"observed_at", to_rfc3339(summary.observed_at)},
                            {"backups", summary.backups}};
  AUTERITY_CHECK(files.create_directories(folder));
  return files.write_atomically(folder / kFile, to_text(Json(document)) + "\n");
}

Result<BackupSummary> read_summary(Files& files, const std::filesystem::path& folder) {
  if (!files.exists(folder / kFile)) return BackupSummary{};
  AUTERITY_TRY(text, files.read(folder / kFile));
  auto document = parse_json(text);
  Json* const rows =
      document && document->is_object() ? document->get_object().if_contains("backups") : nullptr;
  const auto observed_at =
      rows == nullptr ? std::nullopt
                      : parse_rfc3339(string_or(find_member(*document, "observed_at"), ""));
  if (!observed_at || !rows->is_array())
    return fail(ErrorKind::failed, fmt::format("{} cannot be read", (folder / kFile).string()),
                "it is written anew by: auterity backup list");
  return BackupSummary{*observed_at, std::move(rows->get_array())};
}

bool holds_database(const Json& row) { return string_or(find_member(row, "kind"), "") != "data"; }

Json last_backup(const BackupSummary& summary) {
  const auto proven = std::ranges::find_if(
      summary.backups, [](const Json& row) { return is_proven(row) && holds_database(row); });
  if (proven != summary.backups.end()) return *proven;
  const auto newest = std::ranges::find_if(summary.backups, holds_database);
  return newest == summary.backups.end() ? Json(nullptr) : *newest;
}

}  // namespace auterity::operations::backup
