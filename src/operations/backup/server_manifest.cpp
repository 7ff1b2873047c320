#include "operations/backup/server_manifest.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <optional>

#include "core/json.h"

namespace auterity::operations::backup {
namespace {

constexpr std::size_t kMaxBytes = 1u << 30;

std::unexpected<Error> no_manifest(std::string_view why) {
  return fail(ErrorKind::failed,
              fmt::format("the server's manifest of the base backup cannot be used: {}", why),
              "take another backup, and use that one");
}

std::optional<std::string> from_hexadecimal(std::string_view digits) {
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    const int high = digit(digits[i]), low = digit(digits[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return digits.size() % 2 == 0 ? std::optional(bytes) : std::nullopt;
}

// Names that are not UTF-8 come as hexadecimal digits.
std::optional<std::string> path_of(const Json& file) {
  if (const Json* path = find_member(file, "Path"); path != nullptr && path->is_string())
    return std::string(path->get_string());
  return from_hexadecimal(string_or(find_member(file, "Encoded-Path"), "x"));
}

std::optional<ManifestFile::Algorithm> algorithm_of(const Json& file) {
  const auto name = string_or(find_member(file, "Checksum-Algorithm"), "NONE");
  if (name == "NONE") return ManifestFile::Algorithm::none;
  if (name == "CRC32C") return ManifestFile::Algorithm::crc32c;
  if (name == "SHA256") return ManifestFile::Algorithm::sha256;
  return std::nullopt;
}

}  // namespace

Result<ServerManifest> parse_server_manifest(std::string_view text) {
  auto document = parse_json(text, {.max_bytes = kMaxBytes});
  if (!document) return no_manifest(document.error().message);
  const Json* files = find_member(*document, "Files");
  if (files == nullptr || !files->is_array()) return no_manifest("it lists no files");
  ServerManifest manifest;
  for (const Json& file : files->get_array()) {
    const auto path = path_of(file);
    const auto algorithm = algorithm_of(file);
    const Json* size = find_member(file, "Size");
    if (!path || path->empty() || size == nullptr || !size->is_int64() || size->get_int64() < 0)
      return no_manifest("a file lacks its path or its size");
    if (!algorithm) return no_manifest(*path + " has a checksum of an unknown kind");
    const bool added =
        manifest
            .emplace(*path, ManifestFile{static_cast<std::uint64_t>(size->get_int64()), *algorithm,
                                         std::string(string_or(find_member(file, "Checksum"), ""))})
            .second;
    if (!added) return no_manifest(*path + " is in it twice");
  }
  if (!manifest.contains("global/pg_control")) return no_manifest("it lists no global/pg_control");
  return manifest;
}

}  // namespace auterity::operations::backup
