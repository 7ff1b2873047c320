#pragma once
// PostgreSQL's own manifest of a base backup: every file of the data folder with its size and
// checksum (https://www.postgresql.org/docs/15/backup-manifest-format.html). Files of the log are
// not in it; they have checksums of their own.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/error.h"

namespace auterity::operations::backup {

struct ManifestFile {
  enum class Algorithm { none, crc32c, sha256 };
  std::uint64_t size = 0;
  Algorithm algorithm = Algorithm::none;
  std::string checksum;  // hexadecimal digits as the manifest has them
};

// By path within the data folder.
using ServerManifest = std::map<std::string, ManifestFile, std::less<>>;

// failed when it is no manifest of a base backup, or uses a checksum that is not known here.
Result<ServerManifest> parse_server_manifest(std::string_view text);

}  // namespace auterity::operations::backup
