#include "operations/migrate/steps.h"

#include <fmt/format.h>

#include "data/migrations/migrator.h"
#include "data/with_database.h"
#include "operations/kept_step.h"
#include "operations/migrate/databases.h"

namespace auterity::operations {
namespace {

class CreateDatabaseStep final : public KeptStep {
 public:
  CreateDatabaseStep(MigrateServices& services, const MigrateTarget& target)
      : services_(services), target_(target) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(there, co_await database_exists(services_, target_, target_.name));
    co_return Observation{there, target_.shown + (there ? " is there" : " is missing")};
  }
  Async<Status> apply() override {
    co_return co_await create_database(services_, target_, target_.name);
  }

 private:
  MigrateServices& services_;
  const MigrateTarget& target_;
};

class RestorePointStep final : public KeptStep {
 public:
  RestorePointStep(RestorePoints& restore_points, std::string name)
      : restore_points_(restore_points), name_(std::move(name)) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(point, co_await restore_points_.find(name_));
    if (!point) co_return Observation{false, "there is no restore point " + name_};
    co_return Observation{true, fmt::format("{}: {}", point->location, point->evidence)};
  }
  Async<Status> apply() override {
    AUTERITY_CO_CHECK(co_await restore_points_.make(name_));
    co_return Status{};
  }

 private:
  RestorePoints& restore_points_;
  std::string name_;
};

class MigrationStep final : public KeptStep {
 public:
  MigrationStep(MigrateServices& services, const MigrateTarget& target,
                const MigrateRequest& request, const data::MigratorOptions& options,
                data::Migration migration)
      : services_(services),
        target_(target),
        request_(request),
        options_(options),
        migration_(std::move(migration)) {}

  Async<Result<Observation>> observe() override {
    co_return co_await data::with_database(
        open_target(services_, target_),
        [this](data::Database& database) { return look(database); });
  }

  Async<Status> apply() override {
    Status outcome = co_await data::with_database(
        open_target(services_, target_),
        [this](data::Database& database) { return migrate(database); });
    if (!outcome) co_return std::unexpected(explained(std::move(outcome).error()));
    co_return outcome;
  }

 private:
  bool up() const { return request_.direction == MigrateDirection::up; }

  Async<Result<Observation>> look(data::Database& database) {
    AUTERITY_CO_TRY(session, co_await database.open_session());
    AUTERITY_CO_TRY(applied, co_await data::read_applied(*session));
    const bool there = applied.contains(migration_.revision);
    co_return Observation{there == up(),
                          label(migration_) + (there ? " is applied" : " is not applied")};
  }

  Async<Status> migrate(data::Database& database) {
    AUTERITY_CO_TRY(migrator, co_await data::Migrator::open(database, services_.clock, options_));
    co_return up() ? co_await migrator->apply(migration_) : co_await migrator->revert(migration_);
  }

  // What to do next, since nobody decides that by itself.
  Error explained(Error error) const {
    // What the server refuses to run is the file's fault, not the platform's.
    if (error.kind == ErrorKind::internal) {
      error.kind = ErrorKind::failed;
      error.hint.clear();
    }
    const std::string next =
        fmt::format("{} was not {}, and what was {} before it stays", label(migration_),
                    up() ? "applied" : "reverted", up() ? "applied" : "reverted");
    const std::string back = request_.restore_point.empty()
                                 ? ""
                                 : fmt::format("; the state before is in restore point {}/{}.dump",
                                               target_.restore_points, request_.restore_point);
    const std::string again =
        up() ? fmt::format("mend it {}; or go back with: auterity migrate down --to {}",
                           request_.release.empty() ? "and go on with: auterity migrate up"
                                                    : "in a new release, and deploy that",
                           migration_.revision - 1)
             : "mend it and go on with: auterity migrate down";
    error.hint = error.hint.empty() ? fmt::format("{}{}; {}", next, back, again)
                                    : fmt::format("{}; {}{}; {}", error.hint, next, back, again);
    return error;
  }

  MigrateServices& services_;
  const MigrateTarget& target_;
  const MigrateRequest& request_;
  const data::MigratorOptions& options_;
  data::Migration migration_;
};

}  // namespace

std::unique_ptr<Step> make_create_database_step(MigrateServices& services,
                                                const MigrateTarget& target) {
  return std::make_unique<CreateDatabaseStep>(services, target);
}

std::unique_ptr<Step> make_restore_point_step(RestorePoints& restore_points, std::string name) {
  return std::make_unique<RestorePointStep>(restore_points, std::move(name));
}

std::unique_ptr<Step> make_migration_step(MigrateServices& services, const MigrateTarget& target,
                                          const MigrateRequest& request,
                                          const data::MigratorOptions& options,
                                          data::Migration migration) {
  return std::make_unique<MigrationStep>(services, target, request, options, std::move(migration));
}

}  // namespace auterity::operations
