#include "operations/migrate/new_migration.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "data/migrations.h"

namespace auterity::operations {
namespace {

constexpr std::size_t kLongestName = 60;

constexpr std::string_view kUp =
    R"(-- What this changes, and why, in a sentence.
--
-- The file runs in one transaction with its record. It must leave the running release working: add
-- now, drop a release later. `auterity migrate lint` says what would hurt.
-- A statement that refuses transactions stands alone in its file: CREATE INDEX CONCURRENTLY …
-- Many rows are changed in batches, until the statement touches none:
--   -- auterity: backfill table=users batch=1000 pause=50
--   UPDATE users SET title = name
--    WHERE id IN (SELECT id FROM users WHERE title IS NULL LIMIT $1 FOR UPDATE);
-- A rule that does not apply is passed over with a reason, before the statement:
--   -- auterity: ignore RULE: REASON
)";
constexpr std::string_view kDown =
    R"(-- Takes back exactly what the up file does, in reverse order: going down and up again on a copy
-- must leave the same schema. When there is no way back, this line says so instead of statements:
--   -- auterity: irreversible: REASON
)";

bool is_name(const std::string& name) {
  return !name.empty() && name.size() <= kLongestName && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

Result<NewMigration> make_migration(Files& files, const std::string& folder,
                                    const std::string& name) {
  if (!is_name(name))
    return fail(ErrorKind::invalid_input, fmt::format("`{}` cannot be a migration's name", name),
                "use lower-case letters, digits and underscores, as in add_user_titles");
  AUTERITY_TRY(migrations, data::load_migrations(folder));
  NewMigration made;
  made.revision = static_cast<int>(migrations.size()) + 1;
  const auto base = std::filesystem::path(folder) / fmt::format("{:04}_{}", made.revision, name);
  made.up = base.string() + ".up.sql";
  made.down = base.string() + ".down.sql";
  AUTERITY_CHECK(files.write_atomically(made.up, kUp));
  AUTERITY_CHECK(files.write_atomically(made.down, kDown));
  return made;
}

}  // namespace auterity::operations
