#include "operations/backup/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "core/digest.h"
#include "core/moment.h"

namespace auterity::operations::backup {
namespace {

constexpr std::array<std::pair<BackupKind, std::string_view>, 4> kKinds{{
    {BackupKind::database, "database"},
    {BackupKind::data, "data"},
    {BackupKind::all, "all"},
    {BackupKind::logical, "logical"},
}};
constexpr std::string_view kFolder = "metadata/";
constexpr std::string_view kManifestEnd = ".json";
constexpr std::size_t kRandomDigits = 12;
constexpr std::size_t kTimeDigits = std::string_view("20261124T103000Z").size();

// "20261124T103000Z" of "2026-11-24T10:30:00Z".
std::string compact(Time time) {
  std::string text = moment(time);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

std::optional<Time> parse_compact(std::string_view text) {
  if (text.size() != kTimeDigits) return std::nullopt;
  return parse_rfc3339(fmt::format("{}-{}-{}:{}:{}", text.substr(0, 4), text.substr(4, 2),
                                   text.substr(6, 5), text.substr(11, 2), text.substr(13)));
}

}  // namespace

std::string_view name_of(BackupKind kind) {
  return std::ranges::find(kKinds, kind, &std::pair<BackupKind, std::string_view>::first)->second;
}

std::optional<BackupKind> parse_backup_kind(std::string_view name) {
  const auto found =
      std::ranges::find(kKinds, name, &std::pair<BackupKind, std::string_view>::second);
  if (found == kKinds.end()) return std::nullopt;
  return found->first;
}

std::uint64_t BackupManifest::size() const {
  std::uint64_t sum = 0;
  for (const BackupObject& object : objects) sum += object.size;
  return data ? sum + data->upload_bytes : sum;
}

std::uint64_t BackupManifest::stored_size() const {
  std::uint64_t sum = 0;
  for (const BackupObject& object : objects) sum += object.stored_size;
  return sum;
}

std::string stamp_of(Time taken_at, const Uuid& id) {
  const std::string text = to_text(id);
  return fmt::format("{}-{}", compact(taken_at), text.substr(text.size() - kRandomDigits));
}

std::string stamp_of(const BackupManifest& manifest) {
  return stamp_of(manifest.taken_at, manifest.id);
}

std::string manifest_key(BackupKind kind, std::string_view stamp) {
  return fmt::format("{}{}-{}{}", kFolder, name_of(kind), stamp, kManifestEnd);
}

std::string proof_key(BackupKind kind, std::string_view stamp) {
  return fmt::format("{}{}-{}.proof{}", kFolder, name_of(kind), stamp, kManifestEnd);
}

std::string database_prefix(std::string_view environment, std::string_view stamp) {
  return fmt::format("database/auterity-db-{}-{}", environment, stamp);
}

std::string data_prefix(std::string_view environment, std::string_view stamp) {
  return fmt::format("application-data/auterity-data-{}-{}", environment, stamp);
}

std::optional<ManifestName> parse_manifest_key(std::string_view key) {
  if (!key.starts_with(kFolder) || !key.ends_with(kManifestEnd)) return std::nullopt;
  key.remove_prefix(kFolder.size());
  key.remove_suffix(kManifestEnd.size());
  const auto dash = key.find('-');
  if (dash == key.npos) return std::nullopt;
  const auto kind = parse_backup_kind(key.substr(0, dash));
  const std::string_view stamp = key.substr(dash + 1);
  const auto time = parse_compact(stamp.substr(0, kTimeDigits));
  if (!kind || !time || stamp.size() != kTimeDigits + 1 + kRandomDigits ||
      stamp[kTimeDigits] != '-' ||
      stamp.find_first_not_of("0123456789abcdef", kTimeDigits + 1) != stamp.npos)
    return std::nullopt;
  return ManifestName{*kind, std::string(stamp), *time};
}

}  // namespace auterity::operations::backup
