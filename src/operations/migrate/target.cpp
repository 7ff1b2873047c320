#include "operations/migrate/target.h"

#include "data/database_url.h"
#include "operations/operator_database.h"

namespace auterity::operations {
namespace {

std::unique_ptr<data::Database> open(MigrateServices& services, std::string url) {
  return open_operator_database(services.executor, services.clock, services.log, std::move(url),
                                "auterity-migrate");
}

}  // namespace

Status complete(MigrateTarget& target) {
  AUTERITY_TRY(name, data::database_name(target.url));
  AUTERITY_TRY(shown, data::shown_database(target.url));
  target.name = std::move(name);
  target.shown = std::move(shown);
  if (!target.name.empty()) return {};
  return fail(ErrorKind::invalid_input, "the database URL names no database",
              "end it in /DATABASE, as in postgresql://user@host/auterity");
}

std::unique_ptr<data::Database> open_target(MigrateServices& services,
                                            const MigrateTarget& target) {
  return open(services, target.url);
}

Result<std::unique_ptr<data::Database>> open_as_administrator(MigrateServices& services,
                                                              const MigrateTarget& target,
                                                              const std::string& database) {
  AUTERITY_TRY(url, data::with_database(target.admin_url, database));
  return open(services, std::move(url));
}

}  // namespace auterity::operations
