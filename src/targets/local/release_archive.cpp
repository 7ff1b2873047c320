#include "targets/local/release_archive.h"

#include <fmt/format.h>

namespace auterity::local {
namespace {

namespace fs = std::filesystem;

constexpr Duration kLimit = std::chrono::minutes(5);

Async<Result<ProcessOutcome>> run(Processes& processes, std::vector<std::string> arguments) {
  ProcessRequest request;
  request.arguments = std::move(arguments);
  request.timeout = kLimit;
  co_return co_await processes.run(std::move(request));
}

// "auterity-1.2.0-linux-x86_64", the folder that it unpacks to.
std::string folder_in(const fs::path& archive) { return archive.stem().stem().string(); }

}  // namespace

std::string archive_name(std::string_view version, std::string_view platform) {
  return fmt::format("auterity-{}-{}.tar.zst", version, platform);
}

Async<Status> write_archive(Files& files, Processes& processes, fs::path release,
                            fs::path archive) {
  AUTERITY_CO_TRY(manifest, read_manifest(files, release));
  const auto committed_s = std::chrono::floor<std::chrono::seconds>(manifest.facts.committed_at)
                               .time_since_epoch()
                               .count();
  const fs::path fresh = archive.parent_path() / ("." + archive.filename().string() + ".new");
  AUTERITY_CO_TRY(
      packed, co_await run(processes, {"tar", "--format=gnu", "--sort=name", "--numeric-owner",
                                       "--owner=0", "--group=0", "--mode=u=rwX,go=rX",
                                       fmt::format("--mtime=@{}", committed_s),
                                       fmt::format("--transform=s,^\\.,{},", folder_in(archive)),
                                       "--use-compress-program=zstd -q -T1 -10", "-C",
                                       release.string(), "-cf", fresh.string(), "."}));
  if (packed.exit_code == 0) {
    AUTERITY_CO_TRY(moved, co_await run(processes, {"mv", "-T", fresh.string(), archive.string()}));
    AUTERITY_CO_TRY(synced, co_await run(processes, {"sync", "-f", archive.string()}));
    if (moved.exit_code == 0 && synced.exit_code == 0) co_return Status{};
    packed.error_output += moved.error_output + synced.error_output;
  }
  co_return fail(ErrorKind::failed,
                 fmt::format("{} was not written: {}", archive.string(), packed.error_output),
                 "check permissions and free space (df -h)");
}

Async<Result<bool>> archive_holds(Files& files, Processes& processes, fs::path archive,
                                  fs::path release) {
  if (!files.exists(archive) || !files.exists(release / kManifestFile)) co_return false;
  AUTERITY_CO_TRY(manifest, files.read(release / kManifestFile));
  AUTERITY_CO_TRY(
      unpacked,
      co_await run(processes, {"tar", "--use-compress-program=zstd -q", "-xOf", archive.string(),
                               fmt::format("{}/{}", folder_in(archive), kManifestFile)}));
  co_return unpacked.exit_code == 0 && unpacked.output == manifest;
}

}  // namespace auterity::local
