#include "targets/local/release_manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <fstream>

#include "core/digest.h"

namespace auterity::local {
namespace {

namespace fs = std::filesystem;

constexpr int kFormat = 1;

std::unexpected<Error> unusable(std::string what) {
  return fail(ErrorKind::invalid_input, std::move(what),
              "build the release again: auterity release build --version V");
}

std::string text_of(const Json& value, std::string_view name) {
  return std::string(string_or(find_member(value, name), ""));
}

int number_of(const Json* value) {
  return value != nullptr && value->is_int64() ? static_cast<int>(value->get_int64()) : 0;
}

JsonObject to_json(const NumberSpan& span) {
  return {{"oldest", span.oldest}, {"newest", span.newest}};
}

NumberSpan span_of(const Json* value) {
  if (value == nullptr) return {};
  return {number_of(find_member(*value, "oldest")), number_of(find_member(*value, "newest"))};
}

Result<ProgramFacts> facts_of(const Json& value) {
  ProgramFacts facts{.version = text_of(value, "version"),
                     .commit = text_of(value, "commit"),
                     .committed_at = {},
                     .platform = text_of(value, "platform"),
                     .schema = span_of(find_member(value, "schema")),
                     .state_formats = span_of(find_member(value, "state_formats"))};
  const auto committed_at = parse_rfc3339(text_of(value, "committed_at"));
  if (facts.version.empty() || facts.commit.empty() || facts.platform.empty() || !committed_at ||
      facts.schema.newest <= 0 || facts.state_formats.newest <= 0)
    return unusable("version, commit, platform, schema or state_formats are missing");
  facts.committed_at = *committed_at;
  return facts;
}

Result<std::vector<ReleaseFile>> files_of(const Json* value) {
  if (value == nullptr || !value->is_array()) return unusable("its list of files is missing");
  std::vector<ReleaseFile> files;
  for (const Json& entry : value->get_array()) {
    const Json* size = find_member(entry, "size");
    ReleaseFile file{text_of(entry, "path"), 0, text_of(entry, "sha256")};
    if (size != nullptr && size->is_number()) file.size_bytes = size->to_number<std::uint64_t>();
    if (file.path.empty() || file.sha256.empty()) return unusable("it lists a file without a name");
    files.push_back(std::move(file));
  }
  return files;
}

// The entries of both lists, which are sorted, side by side.
std::vector<std::string> differences(const std::vector<ReleaseFile>& wanted,
                                     const std::vector<ReleaseFile>& there) {
  std::vector<std::string> lines;
  auto left = wanted.begin();
  auto right = there.begin();
  while (left != wanted.end() || right != there.end()) {
    if (right == there.end() || (left != wanted.end() && left->path < right->path)) {
      lines.push_back(left++->path + " is missing");
    } else if (left == wanted.end() || right->path < left->path) {
      lines.push_back(right++->path + " is not part of the release");
    } else {
      if (left->sha256 != right->sha256) lines.push_back(left->path + " differs");
      ++left, ++right;
    }
  }
  return lines;
}

}  // namespace

Result<ProgramFacts> parse_program_facts(std::string_view text) {
  AUTERITY_TRY(value, parse_json(text));
  return facts_of(value);
}

Result<ReleaseFile> hash_file(const fs::path& file, std::string path) {
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return fail(ErrorKind::not_found, fmt::format("{} cannot be read", file.string()),
                "build it first: make build");
  Sha256 digest;
  ReleaseFile hashed{std::move(path), 0, {}};
  std::array<char, 1 << 16> buffer;
  while (in.read(buffer.data(), buffer.size()) || in.gcount() > 0) {
    digest.add({buffer.data(), static_cast<std::size_t>(in.gcount())});
    hashed.size_bytes += static_cast<std::uint64_t>(in.gcount());
  }
  hashed.sha256 = digest.hex();
  return hashed;
}

Result<std::vector<ReleaseFile>> hash_folder(const fs::path& folder, const std::string& prefix) {
  std::vector<ReleaseFile> files;
  std::error_code error;
  for (fs::recursive_directory_iterator
           entry(folder, fs::directory_options::follow_directory_symlink, error),
       end;
       !error && entry != end; entry.increment(error)) {
    if (entry->is_directory()) continue;
    AUTERITY_TRY(
        file, hash_file(entry->path(), prefix + entry->path().lexically_relative(folder).string()));
    files.push_back(std::move(file));
  }
  if (error)
    return fail(ErrorKind::not_found,
                fmt::format("{} cannot be read: {}", folder.string(), error.message()),
                "start auterity from a source tree or a release folder");
  std::ranges::sort(files, {}, &ReleaseFile::path);
  return files;
}

std::string digest_of(const std::vector<ReleaseFile>& files) {
  std::string lines;
  for (const ReleaseFile& file : files) lines += fmt::format("{}  {}\n", file.sha256, file.path);
  return sha256_hex(lines);
}

std::uint64_t ReleaseManifest::size_bytes() const {
  std::uint64_t sum = 0;
  for (const ReleaseFile& file : files) sum += file.size_bytes;
  return sum;
}

std::string to_text(const ReleaseManifest& manifest) {
  JsonArray files;
  for (const ReleaseFile& file : manifest.files)
    files.push_back(
        JsonObject{{"path", file.path}, {"size", file.size_bytes}, {"sha256", file.sha256}});
  const ProgramFacts& facts = manifest.facts;
  return to_pretty_text(JsonObject{{"format", kFormat},
                                   {"version", facts.version},
                                   {"commit", facts.commit},
                                   {"committed_at", to_rfc3339(facts.committed_at)},
                                   {"platform", facts.platform},
                                   {"schema", to_json(facts.schema)},
                                   {"state_formats", to_json(facts.state_formats)},
                                   {"digest", manifest.digest},
                                   {"files", std::move(files)}}) +
         "\n";
}

Result<ReleaseManifest> parse_manifest(std::string_view text) {
  AUTERITY_TRY(value, parse_json(text));
  if (number_of(find_member(value, "format")) != kFormat)
    return unusable("its format is not one that this build reads");
  AUTERITY_TRY(facts, facts_of(value));
  AUTERITY_TRY(files, files_of(find_member(value, "files")));
  ReleaseManifest manifest{std::move(facts), std::move(files), text_of(value, "digest")};
  if (manifest.digest != digest_of(manifest.files))
    return unusable("its digest does not belong to its list of files");
  return manifest;
}

Result<ReleaseManifest> read_manifest(Files& files, const fs::path& release) {
  const fs::path path = release / kManifestFile;
  if (!files.exists(path))
    return fail(ErrorKind::not_found, path.string() + " is missing",
                "the releases are listed by: auterity release list");
  AUTERITY_TRY(text, files.read(path));
  auto manifest = parse_manifest(text);
  if (!manifest) return std::unexpected(std::move(manifest.error()).within(path.string()));
  return manifest;
}

std::vector<std::string> verify_release(Files& files, const fs::path& release) {
  const auto manifest = read_manifest(files, release);
  if (!manifest) return {manifest.error().message};
  auto there = hash_folder(release, "");
  if (!there) return {there.error().message};
  std::erase_if(*there, [](const ReleaseFile& file) { return file.path == kManifestFile; });
  auto lines = differences(manifest->files, *there);
  if (manifest->facts.version != release.filename().string())
    lines.push_back(fmt::format("the manifest is that of version {}", manifest->facts.version));
  return lines;
}

}  // namespace auterity::local
