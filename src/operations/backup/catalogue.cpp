#include "operations/backup/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "core/digest.h"

namespace auterity::operations::backup {
namespace {

constexpr std::string_view kFolder = "metadata/";
constexpr std::size_t kListed = 1000;
constexpr std::size_t kFewestDigits = 4;
constexpr std::string_view kSeeThem = "list them with: auterity backup list";

bool is_newer(const ManifestName& left, const ManifestName& right) {
  return std::tie(left.stamp, left.kind) > std::tie(right.stamp, right.kind);
}

Json verified_at(const CatalogueEntry& entry) {
  return entry.is_proven() ? Json(to_rfc3339(entry.verification->at)) : Json(nullptr);
}

// Whether the name can be that of the wanted id: its stamp ends in the last digits of the id.
bool may_be(const ManifestName& name, std::string_view wanted) {
  if (wanted == name.stamp) return true;
  const auto id = parse_uuid(wanted);
  const std::string digits = id ? auterity::to_text(*id).substr(24) : std::string(wanted);
  return digits.size() >= kFewestDigits && name.stamp.ends_with(digits);
}

JsonObject verification_json(const Verification& verification) {
  JsonArray checks;
  for (const ProofCheck& check : verification.checks)
    checks.push_back(
        JsonObject{{"id", check.id}, {"verdict", check.verdict}, {"evidence", check.evidence}});
  return {{"at", to_rfc3339(verification.at)},
          {"passed", verification.passed},
          {"restore_ms", verification.restore_ms},
          {"release", verification.release},
          {"checks", std::move(checks)}};
}

}  // namespace

std::string_view CatalogueEntry::state() const {
  if (!manifest) return "damaged";
  if (!verification) return "unproven";
  return verification->passed ? "proven" : "refuted";
}

Catalogue::Catalogue(data::ObjectStore& store, std::string environment, DocumentSeal seal,
                     std::string location)
    : store_(store),
      environment_(std::move(environment)),
      seal_(std::move(seal)),
      location_(std::move(location)) {}

Async<Result<std::vector<ManifestName>>> Catalogue::names() {
  std::vector<ManifestName> names;
  for (std::string after;;) {
    AUTERITY_CO_TRY(page, co_await store_.list(std::string(kFolder), after, kListed));
    for (const data::ObjectInfo& object : page)
      if (auto name = parse_manifest_key(object.key)) names.push_back(std::move(*name));
    if (page.size() < kListed) break;
    after = page.back().key;
  }
  std::ranges::sort(names, is_newer);
  co_return names;
}

Async<Result<CatalogueEntry>> Catalogue::read(ManifestName name) {
  CatalogueEntry entry{.name = name};
  auto text = co_await store_.get(manifest_key(name.kind, name.stamp));
  // The location itself is away: that is no damage of one backup.
  if (!text &&
      (text.error().kind == ErrorKind::unavailable || text.error().kind == ErrorKind::forbidden))
    co_return std::unexpected(std::move(text).error());
  auto manifest = text ? parse_manifest(*text, environment_, seal_)
                       : Result<BackupManifest>(std::unexpected(text.error()));
  if (manifest && (stamp_of(*manifest) != name.stamp || manifest->kind != name.kind))
    manifest =
        fail(ErrorKind::failed, fmt::format("the manifest is that of {}", stamp_of(*manifest)), "");
  if (!manifest) {
    entry.damage = manifest.error().message;
    entry.damage_kind = manifest.error().kind;
    co_return entry;
  }
  entry.manifest = std::move(*manifest);
  entry.manifest_sha256 = sha256_hex(*text);
  AUTERITY_CO_CHECK(co_await read_verification(entry, *text));
  co_return entry;
}

Async<Result<void>> Catalogue::read_verification(CatalogueEntry& entry,
                                                 const std::string& manifest_text) {
  auto text = co_await store_.get(proof_key(entry.name.kind, entry.name.stamp));
  if (!text && text.error().kind == ErrorKind::not_found) co_return Result<void>();
  if (!text) co_return std::unexpected(std::move(text).error());
  auto verification = parse_verification(*text, manifest_text, seal_);
  if (verification)
    entry.verification = std::move(*verification);
  else
    entry.damage = verification.error().message;
  co_return Result<void>();
}

Async<Result<CataloguePage>> Catalogue::list(std::string after, std::size_t limit) {
  AUTERITY_CO_TRY(found, co_await names());
  CataloguePage page;
  for (const ManifestName& name : found) {
    if (!after.empty() && name.stamp >= after) continue;
    if (page.entries.size() == limit) {
      page.next = page.entries.empty() ? "" : page.entries.back().name.stamp;
      break;
    }
    AUTERITY_CO_TRY(entry, co_await read(name));
    page.entries.push_back(std::move(entry));
  }
  co_return page;
}

Async<Result<std::vector<CatalogueEntry>>> Catalogue::all() {
  AUTERITY_CO_TRY(page, co_await list("", std::string::npos));
  co_return std::move(page.entries);
}

Async<Result<CatalogueEntry>> Catalogue::find(std::string wanted) {
  AUTERITY_CO_TRY(found, co_await names());
  if (found.empty())
    co_return fail(ErrorKind::not_found,
                   fmt::format("environment {} has no backup in {}", environment_, location_),
                   "take one: auterity backup all");
  if (wanted == "latest") co_return co_await read(found.front());
  std::vector<ManifestName> candidates;
  std::ranges::copy_if(found, std::back_inserter(candidates),
                       [&](const ManifestName& name) { return may_be(name, wanted); });
  if (candidates.size() > 1)
    co_return fail(ErrorKind::conflict,
                   fmt::format("{} backups end in {}", candidates.size(), wanted),
                   "give more digits, or the whole id");
  const auto id = parse_uuid(wanted);
  if (candidates.size() == 1) {
    AUTERITY_CO_TRY(entry, co_await read(candidates.front()));
    if (!id || !entry.manifest || entry.manifest->id == *id) co_return std::move(entry);
  }
  co_return fail(ErrorKind::not_found,
                 fmt::format("environment {} has no backup {}", environment_, wanted),
                 std::string(kSeeThem));
}

Async<Result<std::optional<CatalogueEntry>>> Catalogue::find_latest_proven(
    std::optional<Time> limit) {
  AUTERITY_CO_TRY(found, co_await names());
  for (const ManifestName& name : found) {
    if (name.kind != BackupKind::database && name.kind != BackupKind::all) continue;
    if (limit && name.taken_at > *limit) continue;
    AUTERITY_CO_TRY(entry, co_await read(name));
    if (entry.is_proven() && (!limit || entry.manifest->finished_at <= *limit))
      co_return std::move(entry);
  }
  co_return std::nullopt;
}

Async<Status> Catalogue::add(BackupManifest manifest) {
  AUTERITY_CO_CHECK(co_await store_.put(manifest_key(manifest.kind, stamp_of(manifest)),
                                        to_text(manifest, seal_), {.only_if_absent = true}));
  co_return Status{};
}

Async<Status> Catalogue::add(Verification verification, ManifestName name) {
  AUTERITY_CO_CHECK(
      co_await store_.put(proof_key(name.kind, name.stamp), to_text(verification, seal_)));
  co_return Status{};
}

// The manifest first: without it nothing counts any more.
Async<Status> Catalogue::remove(ManifestName name) {
  AUTERITY_CO_CHECK(co_await store_.remove(manifest_key(name.kind, name.stamp)));
  co_return co_await store_.remove(proof_key(name.kind, name.stamp));
}

JsonObject Catalogue::to_json(const CatalogueEntry& entry) const {
  JsonObject row{{"id", nullptr},
                 {"kind", name_of(entry.name.kind)},
                 {"taken_at", to_rfc3339(entry.name.taken_at)},
                 {"size", nullptr},
                 {"stored_size", nullptr},
                 {"schema_revision", nullptr},
                 {"verified_at", verified_at(entry)},
                 {"location",
                  fmt::format("{}/{}", location_, manifest_key(entry.name.kind, entry.name.stamp))},
                 {"stamp", entry.name.stamp},
                 {"state", entry.state()},
                 {"damage", entry.damage.empty() ? Json(nullptr) : Json(entry.damage)}};
  if (!entry.manifest) return row;
  row["id"] = auterity::to_text(entry.manifest->id);
  row["size"] = entry.manifest->size();
  row["stored_size"] = entry.manifest->stored_size();
  if (entry.manifest->database) row["schema_revision"] = entry.manifest->database->schema_revision;
  return row;
}

JsonObject Catalogue::detail(const CatalogueEntry& entry) const {
  JsonObject document = to_json(entry);
  document["verification"] =
      entry.verification ? Json(verification_json(*entry.verification)) : Json(nullptr);
  document["manifest"] = entry.manifest ? Json(backup::to_json(*entry.manifest)) : Json(nullptr);
  return document;
}

}  // namespace auterity::operations::backup
