#pragma once
// Release folders of a local platform: `releases/<version>/` with the program, the web interface,
// the migrations and a manifest that says what they are. Installing copies from a build tree or
// from another release folder; a folder appears as a whole.
#include <filesystem>
#include <optional>
#include <string>

#include "core/async.h"
#include "core/error.h"
#include "core/files.h"
#include "core/processes.h"

namespace auterity::local {

struct ReleaseSource {
  std::filesystem::path program;
  std::filesystem::path web;
  std::filesystem::path migrations;
};

// Beside the program (a release folder), or in the source tree that the program's build folder
// belongs to. not_found otherwise.
Result<ReleaseSource> find_release_source(const std::filesystem::path& program);

// SHA-256 over names and contents of everything that would be installed.
Result<std::string> digest_of(const ReleaseSource& source);
// What the manifest of an installed release says; nullopt when it is not (wholly) there.
std::optional<std::string> installed_digest(Files& files, const std::filesystem::path& release);

Async<Status> install_release(Files& files, Processes& processes, ReleaseSource source,
                              std::filesystem::path release, std::string version,
                              std::string digest);

}  // namespace auterity::local
