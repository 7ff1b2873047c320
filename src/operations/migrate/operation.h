#pragma once
// `auterity migrate up` and `migrate down` as operations. Steps: the database is created when it is
// missing, a verified restore point is made when there is something to lose, going down is proven
// on a copy first, and then one step a migration, each carried out by data::Migrator. What was
// migrated stays when the operation is undone (a schema that was expanded serves the release
// before, too); what was reverted cannot be taken back by itself, so that one can only be resumed.
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "operations/migrate/plan.h"
#include "operations/migrate/target.h"
#include "operations/operation.h"
#include "operations/restore_point.h"

namespace auterity::operations {

class MigrateOperation final : public Operation {
 public:
  static constexpr std::string_view kUp = "migrate-up";
  static constexpr std::string_view kDown = "migrate-down";

  MigrateOperation(MigrateServices services, MigrateTarget target,
                   std::shared_ptr<RestorePoints> restore_points, MigrateRequest request,
                   data::MigratorOptions options);

  std::string_view kind() const override {
    return request_.direction == MigrateDirection::up ? kUp : kDown;
  }
  JsonObject request() const override;
  static MigrateRequest parse_request(MigrateDirection direction, const JsonObject& request);
  Async<Result<Plan>> plan() override;
  Result<std::unique_ptr<Step>> bind(const PlannedStep& step) override;
  std::string way_back(const OperationHistory& done) const override;
  // One that failed or died keeps its own plan: it is resumed.
  bool supersedes(std::string_view) const override { return false; }

  // Like plan(), with its statements.
  Async<Result<MigratePlan>> plan_with_statements();
  // The newest revision that is applied; 0 for an empty database.
  Async<Result<int>> revision();
  // The name of the one that its step makes; known once it was planned.
  const std::string& restore_point() const { return request_.restore_point; }

 private:
  Result<data::Migration> find_migration(const std::string& name);

  MigrateServices services_;
  MigrateTarget target_;
  std::shared_ptr<RestorePoints> restore_points_;
  MigrateRequest request_;
  data::MigratorOptions options_;
};

// What the live database says; nothing is changed.
Async<Result<ObservedSchema>> observe_schema(MigrateServices& services,
                                             const MigrateTarget& target);

}  // namespace auterity::operations
