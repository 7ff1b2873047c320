#include "operations/release/releases.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "core/semantic_version.h"
#include "core/version.h"
#include "targets/local/release_archive.h"

namespace auterity::operations {
namespace {

// Names that are no versions come last.
bool is_newer(const KnownRelease& left, const KnownRelease& right) {
  const auto first = parse_semantic_version(left.version);
  const auto second = parse_semantic_version(right.version);
  if (first && second && *first != *second) return *first > *second;
  if (first.has_value() != second.has_value()) return first.has_value();
  return left.version > right.version;
}

JsonObject span_json(const local::NumberSpan& span) {
  return {{"oldest", span.oldest}, {"newest", span.newest}};
}

KnownRelease look_at(LocalContext& context, const std::string& name, bool verify) {
  KnownRelease release{.version = name};
  const auto folder = context.layout.releases() / name;
  auto manifest = local::read_manifest(context.files, folder);
  if (!manifest)
    release.damage = {manifest.error().message};
  else if (verify)
    release.damage = local::verify_release(context.files, folder);
  if (manifest) release.manifest = std::move(*manifest);
  const std::string archive = local::archive_name(
      name, release.manifest ? std::string_view(release.manifest->facts.platform) : platform());
  if (context.files.exists(context.layout.releases() / archive)) release.archive = archive;
  return release;
}

}  // namespace

Result<std::vector<KnownRelease>> find_releases(LocalContext& context, bool verify) {
  std::vector<KnownRelease> releases;
  if (!context.files.exists(context.layout.releases())) return releases;
  AUTERITY_TRY(names, context.files.list(context.layout.releases()));
  const auto platform = load_platform(context, false);
  if (!platform && platform.error().kind != ErrorKind::not_found)
    return std::unexpected(platform.error());
  for (const std::string& name : names) {
    if (name.starts_with('.') || !std::filesystem::is_directory(context.layout.releases() / name))
      continue;
    KnownRelease release = look_at(context, name, verify);
    if (platform) {
      release.in_use = std::ranges::any_of(
          platform->pools, [&](const local::Pool& pool) { return pool.version == name; });
      release.kept_for_rollback = platform->previous_version == name;
    }
    releases.push_back(std::move(release));
  }
  std::ranges::sort(releases, is_newer);
  return releases;
}

std::string state_of(const KnownRelease& release) {
  std::vector<std::string_view> words;
  if (release.in_use) words.push_back("in use");
  if (release.kept_for_rollback) words.push_back("kept for rollback");
  if (!release.damage.empty()) words.push_back("damaged");
  if (words.empty()) words.push_back("ready");
  return fmt::format("{}", fmt::join(words, ", "));
}

JsonObject to_json(const KnownRelease& release) {
  JsonArray damage;
  for (const std::string& line : release.damage) damage.emplace_back(line);
  JsonObject document{{"version", release.version},
                      {"state", state_of(release)},
                      {"in_use", release.in_use},
                      {"kept_for_rollback", release.kept_for_rollback},
                      {"damage", std::move(damage)},
                      {"archive", release.archive.empty() ? Json(nullptr) : Json(release.archive)}};
  if (!release.manifest) return document;
  const local::ProgramFacts& facts = release.manifest->facts;
  document["commit"] = facts.commit;
  document["committed_at"] = to_rfc3339(facts.committed_at);
  document["platform"] = facts.platform;
  document["size"] = release.manifest->size_bytes();
  document["schema"] = span_json(facts.schema);
  document["state_formats"] = span_json(facts.state_formats);
  document["digest"] = release.manifest->digest;
  return document;
}

}  // namespace auterity::operations
