#include "targets/local/release.h"

#include <fmt/format.h>

#include <algorithm>

namespace auterity::local {
namespace {

namespace fs = std::filesystem;

constexpr int kLevelsUp = 4;  // build/auterity, build/dev/auterity, build/dev/tests/…

Async<Result<std::string>> check(Processes& processes, std::vector<std::string> arguments) {
  ProcessRequest request;
  const std::string shown = fmt::format("{}", fmt::join(arguments, " "));
  request.arguments = std::move(arguments);
  AUTERITY_CO_TRY(outcome, co_await processes.run(std::move(request)));
  if (outcome.exit_code == 0) co_return std::move(outcome.output);
  co_return fail(ErrorKind::failed, fmt::format("{}: {}", shown, outcome.error_output),
                 "check permissions and free space (df -h)");
}

Async<Status> copy(Processes& processes, ReleaseSource source, fs::path target) {
  AUTERITY_CO_CHECK(co_await check(processes, {"cp", "-rL", "--reflink=auto", source.web.string(),
                                               source.migrations.string(), target.string()}));
  AUTERITY_CO_CHECK(co_await check(
      processes,
      {"cp", "-L", "--reflink=auto", source.program.string(), (target / "auterity").string()}));
  AUTERITY_CO_CHECK(co_await check(processes, {"chmod", "-R", "u=rwX,go=rX", target.string()}));
  co_return Status{};
}

Async<Status> write_manifest(Files& files, Processes& processes, fs::path folder,
                             std::string version, std::string digest) {
  ReleaseManifest manifest;
  AUTERITY_CO_TRY(facts, co_await ask_program(processes, folder / "auterity"));
  manifest.facts = std::move(facts);
  manifest.facts.version = version;
  AUTERITY_CO_TRY(listed, hash_folder(folder, ""));
  manifest.files = std::move(listed);
  manifest.digest = digest_of(manifest.files);
  if (manifest.digest != digest)
    co_return fail(ErrorKind::conflict,
                   fmt::format("release {} was built anew while it was installed", version),
                   "give the command again");
  co_return files.write_atomically(folder / kManifestFile, to_text(manifest));
}

}  // namespace

Result<ReleaseSource> find_release_source(const fs::path& program) {
  fs::path folder = program.parent_path();
  for (int level = 0; level < kLevelsUp; ++level, folder = folder.parent_path())
    if (fs::is_directory(folder / "migrations") && fs::is_directory(folder / "web"))
      return ReleaseSource{program, folder / "web", folder / "migrations"};
  return fail(ErrorKind::not_found,
              fmt::format("no web/ and migrations/ belong to {}", program.string()),
              "start auterity from a source tree (build/auterity) or a release folder");
}

Result<std::vector<ReleaseFile>> hash_source(const ReleaseSource& source) {
  AUTERITY_TRY(program, hash_file(source.program, "auterity"));
  AUTERITY_TRY(web, hash_folder(source.web, "web/"));
  AUTERITY_TRY(migrations, hash_folder(source.migrations, "migrations/"));
  std::vector<ReleaseFile> files{std::move(program)};
  files.insert(files.end(), web.begin(), web.end());
  files.insert(files.end(), migrations.begin(), migrations.end());
  std::ranges::sort(files, {}, &ReleaseFile::path);
  return files;
}

Result<std::string> digest_of(const ReleaseSource& source) {
  AUTERITY_TRY(files, hash_source(source));
  return digest_of(files);
}

std::optional<std::string> installed_digest(Files& files, const fs::path& release) {
  auto manifest = read_manifest(files, release);
  if (!manifest) return std::nullopt;
  return std::move(manifest->digest);
}

Async<Result<ProgramFacts>> ask_program(Processes& processes, fs::path program) {
  AUTERITY_CO_TRY(text, co_await check(processes, {program.string(), "version", "--json"}));
  auto facts = parse_program_facts(text);
  if (!facts)
    co_return std::unexpected(std::move(facts.error()).within(program.string() + " version"));
  co_return std::move(*facts);
}

Async<Status> install_release(Files& files, Processes& processes, ReleaseSource source,
                              fs::path release, std::string version, std::string digest) {
  const fs::path fresh = release.parent_path() / ("." + release.filename().string() + ".new");
  const fs::path old = release.parent_path() / ("." + release.filename().string() + ".old");
  AUTERITY_CO_CHECK(files.remove_tree(fresh));
  AUTERITY_CO_CHECK(files.create_directories(fresh));
  AUTERITY_CO_CHECK(co_await copy(processes, std::move(source), fresh));
  AUTERITY_CO_CHECK(
      co_await write_manifest(files, processes, fresh, std::move(version), std::move(digest)));
  AUTERITY_CO_CHECK(co_await check(processes, {"sync", "-f", fresh.string()}));
  AUTERITY_CO_CHECK(files.remove_tree(old));
  if (files.exists(release))
    AUTERITY_CO_CHECK(co_await check(processes, {"mv", "-T", release.string(), old.string()}));
  AUTERITY_CO_CHECK(co_await check(processes, {"mv", "-T", fresh.string(), release.string()}));
  co_return files.remove_tree(old);
}

}  // namespace auterity::local
