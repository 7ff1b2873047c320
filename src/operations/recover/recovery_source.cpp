#include "operations/recover/recovery_source.h"
#include "core/moment.h"

#include <fmt/format.h>

#include <algorithm>

namespace auterity::operations {
namespace {

using backup::BackupKind;
using backup::CatalogueEntry;

bool holds_cluster(const CatalogueEntry& entry) {
  return entry.manifest && entry.manifest->database && entry.manifest->kind != BackupKind::logical;
}

bool is_refuted(const CatalogueEntry& entry) {
  return entry.verification && !entry.verification->passed;
}

std::string id_of(const CatalogueEntry& entry) {
  return entry.manifest ? to_text(entry.manifest->id) : entry.name.stamp;
}

// From where on a recovery can go, as a hint: to the end of the oldest backup that may be taken.
std::string range_text(const std::vector<CatalogueEntry>& entries, bool proven_alone, Time now) {
  std::optional<Time> first;
  for (const CatalogueEntry& entry : entries)
    if (holds_cluster(entry) && (entry.is_proven() || !proven_alone))
      first = std::min(first.value_or(entry.manifest->finished_at), entry.manifest->finished_at);
  if (!first) return "there is no time to which it could go";
  // The first whole second of it.
  return fmt::format("choose a time from {} to {}",
                     to_rfc3339(std::chrono::ceil<std::chrono::seconds>(*first)), moment(now));
}

// Why none of them can be taken.
std::unexpected<Error> no_proven(const std::vector<CatalogueEntry>& entries,
                                 const std::string& environment, const std::string& location) {
  const CatalogueEntry* unproven = nullptr;
  const CatalogueEntry* damaged = nullptr;
  for (const CatalogueEntry& entry : entries) {
    if (!entry.manifest && damaged == nullptr) damaged = &entry;
    if (holds_cluster(entry) && !is_refuted(entry) && unproven == nullptr) unproven = &entry;
  }
  if (unproven != nullptr)
    return fail(ErrorKind::not_ready,
                fmt::format("environment {} has no proven backup of its database", environment),
                fmt::format("take an unproven one by name: --backup {}", id_of(*unproven)));
  if (damaged != nullptr)
    return fail(damaged->damage_kind,
                fmt::format("no backup of environment {} can be used; the newest: {}", environment,
                            damaged->damage),
                "check backup.location and backup.key_file: auterity backup list");
  return fail(
      ErrorKind::not_found,
      fmt::format("environment {} has no backup of its database in {}", environment, location),
      "check backup.location and the environment's name: auterity backup list");
}

Result<CatalogueEntry> choose_latest(const std::vector<CatalogueEntry>& entries,
                                     const std::optional<Time>& to, Time now,
                                     const std::string& environment, const std::string& location) {
  bool any_proven = false;
  for (const CatalogueEntry& entry : entries) {
    if (!holds_cluster(entry) || !entry.is_proven()) continue;
    any_proven = true;
    if (!to || entry.manifest->finished_at <= *to) return entry;
  }
  if (!any_proven) return no_proven(entries, environment, location);
  return fail(ErrorKind::invalid_input,
              fmt::format("no proven backup is as old as {}", to_rfc3339(*to)),
              range_text(entries, true, now));
}

Result<CatalogueEntry> check_named(const CatalogueEntry& entry, const std::optional<Time>& to,
                                   Time now) {
  if (!entry.manifest)
    return fail(entry.damage_kind, fmt::format("backup {}: {}", entry.name.stamp, entry.damage),
                "take another one: auterity backup list");
  if (!holds_cluster(entry))
    return fail(ErrorKind::invalid_input,
                fmt::format("backup {} of kind {} holds no cluster", id_of(entry),
                            name_of(entry.manifest->kind)),
                "name one of kind database or all: auterity backup list");
  if (is_refuted(entry))
    return fail(
        ErrorKind::failed,
        fmt::format("backup {} was found not to hold what it should", id_of(entry)),
        fmt::format("take another one; see what is wrong: auterity backup show {}", id_of(entry)));
  if (to && entry.manifest->finished_at > *to)
    return fail(ErrorKind::invalid_input,
                fmt::format("backup {} is of a later time than {}", id_of(entry), to_rfc3339(*to)),
                range_text({entry}, false, now));
  return entry;
}

// What was uploaded later than wanted does no harm; what is missing does.
std::optional<CatalogueEntry> choose_files(const std::vector<CatalogueEntry>& entries,
                                           const std::optional<Time>& to) {
  std::optional<CatalogueEntry> chosen;
  for (const CatalogueEntry& entry : entries) {
    if (!entry.manifest || !entry.manifest->data || is_refuted(entry)) continue;
    chosen = entry;
    if (!to || entry.manifest->taken_at <= *to) break;
  }
  return chosen;
}

}  // namespace

Result<RecoverySource> choose_source(const std::vector<CatalogueEntry>& entries,
                                     const std::optional<CatalogueEntry>& named,
                                     const RecoveryWish& wish, Time now,
                                     const std::string& environment, const std::string& location) {
  if (wish.to && *wish.to > now)
    return fail(ErrorKind::invalid_input, fmt::format("{} has not come yet", to_rfc3339(*wish.to)),
                range_text(entries, !named, now));
  auto database = named ? check_named(*named, wish.to, now)
                        : choose_latest(entries, wish.to, now, environment, location);
  if (!database) return std::unexpected(std::move(database).error());
  return RecoverySource{std::move(*database), choose_files(entries, wish.to)};
}

}  // namespace auterity::operations
