#pragma once
// Walks a copy of a database up and down its migrations. Each revision's schema must be the same
// whenever it is reached, from whichever side.
#include <map>
#include <string>
#include <vector>

#include "data/migrations.h"
#include "data/migrations/schema_description.h"

namespace auterity::operations {

class SchemaWalk {
 public:
  // `database` and `clock` outlive the walk; `migrations` as load_migrations() answers them.
  SchemaWalk(data::Database& database, Clock& clock, std::vector<data::Migration> migrations,
             data::MigratorOptions options);

  // Remembers the schema at the revision where the database is.
  Async<Status> look();
  // Goes up or down to `revision`. Errors name the file and line that failed, or the object that is
  // not as it was when the walk came by before.
  Async<Status> go(int revision);

  int revision() const { return revision_; }
  const data::SchemaDescription& schema() const { return seen_.at(revision_); }

 private:
  Async<Status> migrate_to(int revision);

  data::Database& database_;
  Clock& clock_;
  std::vector<data::Migration> migrations_;
  data::MigratorOptions options_;
  int revision_ = 0;
  std::map<int, data::SchemaDescription> seen_;
};

}  // namespace auterity::operations
