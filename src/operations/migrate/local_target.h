#pragma once
// The database of an environment on this machine, or the one that DATABASE_URL names.
#include <optional>
#include <string>

#include "operations/local_context.h"
#include "operations/migrate/target.h"

namespace auterity::operations {

// `url` (DATABASE_URL) goes before the environment's own database, `migrations` before the folder
// that belongs to this program. not_found when there is neither a URL nor a platform here.
Result<MigrateTarget> local_migrate_target(LocalContext& context,
                                           const std::optional<std::string>& url,
                                           const std::optional<std::string>& migrations);
// The folder of migrations alone; opens nothing.
Result<std::string> migrations_folder(LocalContext& context,
                                      const std::optional<std::string>& given);
// Where the environment's logical restore points lie.
std::filesystem::path restore_points_folder(const LocalContext& context);
MigrateServices migrate_services(LocalContext& context);

}  // namespace auterity::operations
