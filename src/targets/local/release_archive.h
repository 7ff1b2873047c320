#pragma once
// A release folder as one file, `auterity-<version>-<platform>.tar.zst`, to be carried to another
// machine. The same folder always makes the same bytes: names are sorted, owner, permissions and
// times are fixed (the time is that of the commit).
#include <filesystem>
#include <string>

#include "core/async.h"
#include "core/error.h"
#include "core/files.h"
#include "core/processes.h"
#include "targets/local/release_manifest.h"

namespace auterity::local {

// "auterity-1.2.0-linux-x86_64.tar.zst"
std::string archive_name(std::string_view version, std::string_view platform);

// The archive appears as a whole.
Async<Status> write_archive(Files& files, Processes& processes, std::filesystem::path release,
                            std::filesystem::path archive);
// Whether `archive` holds the release: its manifest is the folder's, and the archive can be read to
// its end.
Async<Result<bool>> archive_holds(Files& files, Processes& processes, std::filesystem::path archive,
                                  std::filesystem::path release);

}  // namespace auterity::local
