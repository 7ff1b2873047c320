#pragma once
// Release folders of a local platform: `releases/<version>/` with the program, the web interface,
// the migrations and a manifest that says what they are (release_manifest.h). Installing copies
// from a build tree or from another release folder; a folder appears as a whole.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/async.h"
#include "core/error.h"
#include "core/files.h"
#include "core/processes.h"
#include "targets/local/release_manifest.h"

namespace auterity::local {

struct ReleaseSource {
  std::filesystem::path program;
  std::filesystem::path web;
  std::filesystem::path migrations;
};

// Beside the program (a release folder), or in the source tree that the program's build folder
// belongs to. not_found otherwise.
Result<ReleaseSource> find_release_source(const std::filesystem::path& program);

// What would be installed, as the release's manifest will list it.
Result<std::vector<ReleaseFile>> hash_source(const ReleaseSource& source);
// SHA-256 over names and contents of everything that would be installed.
Result<std::string> digest_of(const ReleaseSource& source);
// What the manifest of an installed release says; nullopt when it is not (wholly) there.
std::optional<std::string> installed_digest(Files& files, const std::filesystem::path& release);

// Asks the program what it is.
Async<Result<ProgramFacts>> ask_program(Processes& processes, std::filesystem::path program);

// conflict when what was copied has not the digest that was expected: it was built anew meanwhile.
Async<Status> install_release(Files& files, Processes& processes, ReleaseSource source,
                              std::filesystem::path release, std::string version,
                              std::string digest);

}  // namespace auterity::local
