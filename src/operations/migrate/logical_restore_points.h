#pragma once
// Restore points as logical dumps (pg_dump's custom format) in a folder, readable by their owner
// alone. A dump counts once its manifest stands beside it, and that is written last: after the dump
// was restored into a scratch database and its tables, their row counts and the schema were the
// same as those of the snapshot that was dumped. Meant for databases of a few gigabytes: it reads
// everything twice.
#include <filesystem>
#include <vector>

#include "operations/migrate/target.h"
#include "operations/restore_point.h"

namespace auterity::operations {

class LogicalRestorePoints final : public RestorePoints {
 public:
  LogicalRestorePoints(MigrateServices services, MigrateTarget target)
      : services_(services), target_(std::move(target)) {}

  Async<Result<std::optional<RestorePoint>>> find(std::string name) override;
  Async<Result<RestorePoint>> make(std::string name) override;
  Async<Status> restore_into(std::string name, std::string database) override;

 private:
  struct Contents;

  std::filesystem::path dump_file(const std::string& name) const;
  std::filesystem::path manifest_file(const std::string& name) const;
  Status prepare(const std::string& name);
  // Dumps a snapshot and answers what was in it.
  Async<Result<Contents>> dump(std::string name);
  Async<Result<Contents>> dump_from(data::Database& database, std::string name);
  Async<Result<Contents>> look_into(std::string database);
  Async<Status> restore_and_look(std::string name, Contents& restored, std::string database);

  MigrateServices services_;
  MigrateTarget target_;
};

// The verified ones in `folder`, the latest first; those whose manifest cannot be read are left
// out.
Result<std::vector<RestorePoint>> list_logical_restore_points(Files& files,
                                                              const std::filesystem::path& folder);

}  // namespace auterity::operations
