#include "operations/backup/backup_key.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "data/objects/sealing.h"
#include "operations/kept_step.h"

namespace auterity::operations {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kKeyMode = 0600;
constexpr unsigned kFolderMode = 0700;

// Nobody but the owner, who is root or ourselves.
Status check_access(const std::string& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) return {};  // reading it says why
  if ((facts.st_mode & 0077) != 0)
    return fail(ErrorKind::forbidden,
                fmt::format("the backup key {} can be read by others (mode {:04o})", path,
                            facts.st_mode & 07777),
                fmt::format("close it: chmod 600 {}", path));
  return {};
}

bool is_sealed(const fs::path& path) {
  std::array<char, data::kSealedMagic.size()> beginning{};
  std::ifstream(path, std::ios::binary).read(beginning.data(), beginning.size());
  return std::string_view(beginning.data(), beginning.size()) == data::kSealedMagic;
}

bool holds_sealed_objects(const fs::path& folder) {
  std::error_code error;
  for (auto entry = fs::recursive_directory_iterator(folder, error);
       !error && entry != fs::recursive_directory_iterator(); entry.increment(error))
    if (entry->is_regular_file(error) && is_sealed(entry->path())) return true;
  return false;
}

class BackupKeyStep final : public KeptStep {
 public:
  BackupKeyStep(LocalContext& context, const local::Platform& platform)
      : context_(context), platform_(platform) {}

  Async<Result<Observation>> observe() override {
    const std::string& path = platform_.backups.key_file;
    const auto key = load_backup_key(context_.files, path);
    if (!key) co_return Observation{false, key.error().message};
    co_return Observation{true, fmt::format("{} holds key {}", path, key->id())};
  }

  Async<Status> apply() override {
    co_return create_backup_key(context_.files, context_.random, platform_.backups,
                                platform_.layout.environment);
  }

 private:
  LocalContext& context_;
  const local::Platform& platform_;
};

}  // namespace

Result<data::SealingKey> load_backup_key(Files& files, const std::string& path) {
  AUTERITY_CHECK(check_access(path));
  auto text = files.read(path, 4096);
  if (!text) {
    auto error = std::move(text.error()).within("the key that seals backups");
    if (error.kind == ErrorKind::not_found) {
      error.kind = ErrorKind::not_ready;
      error.hint = "put the copy of it there, mode 0600; `auterity up` makes the first one";
    }
    return std::unexpected(std::move(error));
  }
  auto key = data::SealingKey::parse(*text);
  if (!key) return std::unexpected(std::move(key.error()).within(path));
  return key;
}

Status create_backup_key(Files& files, Random& random, const local::BackupPlace& place,
                         const std::string& environment) {
  if (files.exists(place.key_file)) {
    AUTERITY_CHECK(load_backup_key(files, place.key_file));
    return {};
  }
  const fs::path backups = fs::path(place.location) / environment;
  if (holds_sealed_objects(backups))
    return fail(ErrorKind::not_ready,
                fmt::format("there are backups in {}, and the key that opens them is not in {}",
                            backups.string(), place.key_file),
                "put its copy back there, mode 0600; or move those backups away to begin anew");
  AUTERITY_CHECK(files.create_directories(fs::path(place.key_file).parent_path(), kFolderMode));
  return files.write_atomically(place.key_file, data::SealingKey::draw(random).text() + "\n",
                                kKeyMode);
}

std::unique_ptr<Step> make_backup_key_step(LocalContext& context, const local::Platform& platform,
                                           const std::string& name) {
  if (name != "backup-key") return nullptr;
  return std::make_unique<BackupKeyStep>(context, platform);
}

}  // namespace auterity::operations
