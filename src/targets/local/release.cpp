#include "targets/local/release.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <fstream>
#include <memory>
#include <vector>

#include "core/json.h"
#include "core/version.h"

namespace auterity::local {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kManifest = "manifest.json";
constexpr int kLevelsUp = 4;  // build/auterity, build/dev/auterity, build/dev/tests/…

class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  }
  void add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  std::string hex() {
    std::array<unsigned char, 32> digest{};
    EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
    return fmt::format("{:02x}", fmt::join(digest, ""));
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

Status add_file(Digest& digest, const fs::path& path, const std::string& name) {
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return fail(ErrorKind::not_found, fmt::format("{} cannot be read", path.string()),
                "build it first: make build");
  digest.add(name + '\0');
  std::array<char, 1 << 16> buffer;
  while (in.read(buffer.data(), buffer.size()) || in.gcount() > 0)
    digest.add({buffer.data(), static_cast<std::size_t>(in.gcount())});
  return {};
}

Status add_folder(Digest& digest, const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->is_regular_file()) paths.push_back(entry->path());
  if (error)
    return fail(ErrorKind::not_found,
                fmt::format("{} cannot be read: {}", folder.string(), error.message()),
                "start auterity from a source tree or a release folder");
  std::ranges::sort(paths);
  for (const fs::path& path : paths)
    AUTERITY_CHECK(add_file(digest, path, path.lexically_relative(folder.parent_path()).string()));
  return {};
}

Async<Status> check(Processes& processes, std::vector<std::string> arguments) {
  ProcessRequest request;
  const std::string shown = fmt::format("{}", fmt::join(arguments, " "));
  request.arguments = std::move(arguments);
  AUTERITY_CO_TRY(outcome, co_await processes.run(std::move(request)));
  if (outcome.exit_code == 0) co_return Status{};
  co_return fail(ErrorKind::failed, fmt::format("{}: {}", shown, outcome.error_output),
                 "check permissions and free space (df -h)");
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

Result<std::string> digest_of(const ReleaseSource& source) {
  Digest digest;
  AUTERITY_CHECK(add_file(digest, source.program, "auterity"));
  AUTERITY_CHECK(add_folder(digest, source.web));
  AUTERITY_CHECK(add_folder(digest, source.migrations));
  return digest.hex();
}

std::optional<std::string> installed_digest(Files& files, const fs::path& release) {
  const auto text = files.read(release / kManifest);
  if (!text) return std::nullopt;
  const auto value = parse_json(*text);
  if (!value) return std::nullopt;
  const std::string_view digest = string_or(find_member(*value, "digest"), "");
  if (digest.empty()) return std::nullopt;
  return std::string(digest);
}

Async<Status> install_release(Files& files, Processes& processes, ReleaseSource source,
                              fs::path release, std::string version, std::string digest) {
  const fs::path fresh = release.parent_path() / ("." + release.filename().string() + ".new");
  const fs::path old = release.parent_path() / ("." + release.filename().string() + ".old");
  AUTERITY_CO_CHECK(files.remove_tree(fresh));
  AUTERITY_CO_CHECK(files.create_directories(fresh));
  AUTERITY_CO_CHECK(co_await check(processes, {"cp", "-rL", "--reflink=auto", source.web.string(),
                                               source.migrations.string(), fresh.string()}));
  AUTERITY_CO_CHECK(co_await check(
      processes,
      {"cp", "-L", "--reflink=auto", source.program.string(), (fresh / "auterity").string()}));
  AUTERITY_CO_CHECK(co_await check(processes, {"chmod", "-R", "u=rwX,go=rX", fresh.string()}));
  const JsonObject manifest{{"version", version}, {"platform", platform()}, {"digest", digest}};
  AUTERITY_CO_CHECK(
      files.write_atomically(fresh / kManifest, to_pretty_text(Json(manifest)) + "\n"));
  AUTERITY_CO_CHECK(co_await check(processes, {"sync", "-f", fresh.string()}));
  AUTERITY_CO_CHECK(files.remove_tree(old));
  if (files.exists(release))
    AUTERITY_CO_CHECK(co_await check(processes, {"mv", "-T", release.string(), old.string()}));
  AUTERITY_CO_CHECK(co_await check(processes, {"mv", "-T", fresh.string(), release.string()}));
  co_return files.remove_tree(old);
}

}  // namespace auterity::local
