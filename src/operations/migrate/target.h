#pragma once
// The database that a migrate operation is about, and what it needs of the outside. Plain values
// and references; the references outlive every operation.
#include <memory>
#include <string>

#include "core/async.h"
#include "core/clock.h"
#include "core/files.h"
#include "core/log.h"
#include "core/processes.h"
#include "data/database.h"

namespace auterity::operations {

struct MigrateTarget {
  std::string environment;
  std::string url;         // as the platform connects; migrations run as this user
  std::string admin_url;   // may create databases and read everything; the same as `url` when there
                           // is no other
  std::string name;        // of the database
  std::string shown;       // "127.0.0.1:25432/auterity", for a person
  std::string migrations;  // folder
  std::string restore_points;  // folder of logical restore points
};

struct MigrateServices {
  Executor executor;
  Clock& clock;
  Log& log;
  Files& files;
  Processes& processes;
};

// Fills `name` and `shown`; invalid_input when the URL cannot be read or names no database.
Status complete(MigrateTarget& target);

// A connection of the target's user, and one of the administrator to any database of the server.
std::unique_ptr<data::Database> open_target(MigrateServices& services, const MigrateTarget& target);
Result<std::unique_ptr<data::Database>> open_as_administrator(MigrateServices& services,
                                                              const MigrateTarget& target,
                                                              const std::string& database);

}  // namespace auterity::operations
