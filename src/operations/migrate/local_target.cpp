#include "operations/migrate/local_target.h"

#include "targets/local/release.h"

namespace auterity::operations {

Result<std::string> migrations_folder(LocalContext& context,
                                      const std::optional<std::string>& given) {
  if (given) return std::filesystem::absolute(*given).lexically_normal().string();
  AUTERITY_TRY(source, local::find_release_source(context.program));
  return source.migrations.string();
}

Result<MigrateTarget> local_migrate_target(LocalContext& context,
                                           const std::optional<std::string>& url,
                                           const std::optional<std::string>& migrations) {
  MigrateTarget target;
  target.environment = context.layout.environment;
  AUTERITY_TRY(folder, migrations_folder(context, migrations));
  target.migrations = std::move(folder);
  target.restore_points = restore_points_folder(context).string();
  if (url) {
    target.url = *url;
    target.admin_url = *url;
  } else {
    AUTERITY_TRY(platform, load_platform(context, true));
    target.url = platform.service_database_url();
    target.admin_url = platform.maintenance_database_url("postgres");
  }
  AUTERITY_CHECK(complete(target));
  return target;
}

std::filesystem::path restore_points_folder(const LocalContext& context) {
  return context.layout.home / "backups" / context.layout.environment / "restore-points";
}

MigrateServices migrate_services(LocalContext& context) {
  return {context.executor, context.clock, context.log, context.files, context.processes};
}

}  // namespace auterity::operations
