// Reading a folder of migrations.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "core/digest.h"
#include "data/migrations.h"
#include "data/migrations/script.h"

namespace auterity::data {
namespace {

namespace fs = std::filesystem;

struct FileName {
  int revision;
  std::string name;
  bool up;
};

// NNNN_name.up.sql or NNNN_name.down.sql, name of [a-z0-9_].
std::optional<FileName> parse_file_name(std::string_view text) {
  FileName parsed{};
  if (text.ends_with(".up.sql")) {
    parsed.up = true;
    text.remove_suffix(std::string_view(".up.sql").size());
  } else if (text.ends_with(".down.sql")) {
    text.remove_suffix(std::string_view(".down.sql").size());
  } else {
    return std::nullopt;
  }
  constexpr std::size_t digits = 4;
  if (text.size() < digits + 2 || text[digits] != '_') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, parsed.revision);
  if (error != std::errc() || end != text.data() + digits || parsed.revision < 1)
    return std::nullopt;
  parsed.name = text.substr(digits + 1);
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (!std::ranges::all_of(parsed.name, allowed)) return std::nullopt;
  return parsed;
}

Result<std::string> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file || !content)
    return fail(ErrorKind::invalid_input, path.string() + " cannot be read, or is empty",
                "give this user the right to read it, and fill or remove it");
  return content.str();
}

// A down file says how to go back, or why there is no way.
Status take_down_file(Migration& migration, std::string content, const fs::path& path) {
  std::size_t end = 0;
  auto declared = read_declarations(leading_comments(content, end));
  if (!declared) return std::unexpected(std::move(declared).error().within(path.string()));
  if (declared->irreversible)
    migration.irreversible_reason = *declared->irreversible;
  else
    migration.down = std::move(content);
  return {};
}

Status add_file(std::map<int, Migration>& migrations, const fs::path& path) {
  const auto file_name = parse_file_name(path.filename().string());
  if (!file_name) {
    return fail(ErrorKind::invalid_input, path.string() + " is not named like a migration",
                "name it NNNN_name.up.sql or NNNN_name.down.sql, with lower-case letters, digits "
                "and underscores");
  }
  auto& migration = migrations[file_name->revision];
  if (!migration.name.empty() && migration.name != file_name->name) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{}: revision {} is also called {}", path.string(), file_name->revision,
                            migration.name),
                "give one of the two the next free number");
  }
  AUTERITY_TRY(content, read_file(path));
  migration.revision = file_name->revision;
  migration.name = file_name->name;
  if (file_name->up) {
    migration.checksum = sha256_hex(content);
    migration.up = std::move(content);
  } else {
    return take_down_file(migration, std::move(content), path);
  }
  return {};
}

}  // namespace

std::string label(const Migration& migration) {
  return fmt::format("{:04}_{}", migration.revision, migration.name);
}

Result<std::vector<Migration>> load_migrations(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".sql") paths.push_back(entry->path());
  }
  if (error) {
    return fail(ErrorKind::not_found,
                "the folder of migrations " + folder + " cannot be read: " + error.message(),
                "migrations belong to the release; install it again");
  }
  std::ranges::sort(paths);
  std::map<int, Migration> by_revision;
  for (const auto& path : paths) AUTERITY_CHECK(add_file(by_revision, path));
  std::vector<Migration> migrations;
  for (auto& [revision, migration] : by_revision) {
    const int expected = static_cast<int>(migrations.size()) + 1;
    if (revision != expected) {
      return fail(ErrorKind::invalid_input,
                  fmt::format("{}: revision {:04} is missing before {}", folder, expected,
                              label(migration)),
                  "number migrations without gaps");
    }
    if (migration.up.empty()) {
      return fail(ErrorKind::invalid_input,
                  fmt::format("{}/{}.up.sql is missing", folder, label(migration)),
                  "a down file needs its up file");
    }
    migrations.push_back(std::move(migration));
  }
  return migrations;
}

}  // namespace auterity::data
