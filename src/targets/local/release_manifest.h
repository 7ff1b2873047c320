#pragma once
// What a release folder says about itself, `manifest.json`: which release it is, what it works with
// beside it (schema, stored executions), and the SHA-256 of each of its files, so that a copy which
// lost or gained anything is told from a whole one. Reads files, writes none.
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "core/time.h"

namespace auterity::local {

inline constexpr std::string_view kManifestFile = "manifest.json";

struct NumberSpan {
  int oldest = 0;
  int newest = 0;  // included
};

// What `auterity version --json` of a program says.
struct ProgramFacts {
  std::string version;
  std::string commit;  // "-dirty" at its end when the sources differed from it; "unknown"
  Time committed_at;   // 1970 when unknown
  std::string platform;
  NumberSpan schema;         // revisions of the database that it works with
  NumberSpan state_formats;  // of stored executions that it goes on with
};
Result<ProgramFacts> parse_program_facts(std::string_view text);

struct ReleaseFile {
  std::string path;  // within the release, "web/index.html"
  std::uint64_t size_bytes = 0;
  std::string sha256;
};

// Every regular file below `folder` with the name it has there after `prefix`, sorted by name;
// links are followed. not_found when one cannot be read.
Result<std::vector<ReleaseFile>> hash_folder(const std::filesystem::path& folder,
                                             const std::string& prefix);
Result<ReleaseFile> hash_file(const std::filesystem::path& file, std::string path);
// One digest over names and contents of sorted files.
std::string digest_of(const std::vector<ReleaseFile>& files);

struct ReleaseManifest {
  ProgramFacts facts;              // its version is the release's
  std::vector<ReleaseFile> files;  // sorted by path; the manifest itself is not among them
  std::string digest;

  std::uint64_t size_bytes() const;
};
std::string to_text(const ReleaseManifest& manifest);
Result<ReleaseManifest> parse_manifest(std::string_view text);
// not_found when there is none; invalid_input when it cannot be used.
Result<ReleaseManifest> read_manifest(Files& files, const std::filesystem::path& release);

// A line for each file that is missing, too much or different, and for a manifest that does not
// belong to its folder; empty when the release is whole.
std::vector<std::string> verify_release(Files& files, const std::filesystem::path& release);

}  // namespace auterity::local
