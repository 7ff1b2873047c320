#pragma once
// Unpacks the archive of a base backup into a data folder while it arrives, and compares every file
// with the server's manifest on the way, so that nothing has to be read a second time. Blocking;
// made for a thread of its own. Only folders and ordinary files below the data folder are made,
// whatever the archive holds.
#include <cstdint>
#include <filesystem>
#include <optional>

#include "core/error.h"
#include "operations/backup/server_manifest.h"

namespace auterity::operations::backup {

struct FileOwner {
  unsigned user = 0;
  unsigned group = 0;
};

struct UnpackedCluster {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

// Reads a tar archive, compressed with zstd or not, from the file descriptor `archive` to its end.
// `folder` exists and is empty. `owner`: whom everything is given to; absent: ours. failed when a
// file differs from the manifest, is missing, or is none of its; storage_full when the disk is.
Result<UnpackedCluster> unpack_cluster(int archive, const std::filesystem::path& folder,
                                       const ServerManifest& manifest,
                                       std::optional<FileOwner> owner);

}  // namespace auterity::operations::backup
