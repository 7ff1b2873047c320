#include "operations/backup/backup_key.h"

#include <fmt/format.h>
#include <sys/stat.h>

namespace auterity::operations::backup {
namespace {

constexpr unsigned kForOthers = 077;
constexpr std::size_t kMaxKeyBytes = 4096;

}  // namespace

std::filesystem::path key_file_of(const LocalContext& context, const EnvironmentFile& environment) {
  if (const std::string& file = environment.text("backup.key_file"); !file.empty()) return file;
  return fmt::format("{}-keys/{}.key", context.layout.home.string(), context.layout.environment);
}

Result<data::SealingKey> load_backup_key(LocalContext& context,
                                         const EnvironmentFile& environment) {
  const auto file = key_file_of(context, environment);
  if (!context.files.exists(file))
    return fail(ErrorKind::not_ready, fmt::format("the backup key {} is not there", file.string()),
                "put the copy of it back that was kept elsewhere, or name its file: "
                "backup.key_file in the environment file");
  struct stat facts{};
  if (::stat(file.c_str(), &facts) == 0 && (facts.st_mode & kForOthers) != 0)
    return fail(ErrorKind::forbidden,
                fmt::format("others than its owner may read the backup key {}", file.string()),
                fmt::format("chmod 600 {}", file.string()));
  AUTERITY_TRY(text, context.files.read(file, kMaxKeyBytes));
  auto key = data::SealingKey::parse(text);
  if (!key) return std::unexpected(std::move(key.error()).within("reading " + file.string()));
  return key;
}

Status make_backup_key(LocalContext& context, const EnvironmentFile& environment) {
  const auto file = key_file_of(context, environment);
  if (context.files.exists(file)) return {};
  AUTERITY_CHECK(context.files.create_directories(file.parent_path(), 0700));
  return context.files.write_atomically(file, data::SealingKey::draw(context.random).text() + "\n",
                                        0600);
}

}  // namespace auterity::operations::backup
