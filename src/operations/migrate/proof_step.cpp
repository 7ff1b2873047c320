// The way back, walked on a copy before it is walked on the database itself.
#include <fmt/format.h>

#include "data/with_database.h"
#include "operations/kept_step.h"
#include "operations/migrate/databases.h"
#include "operations/migrate/schema_walk.h"
#include "operations/migrate/steps.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kPurpose = "proof";

class ProofStep final : public KeptStep {
 public:
  ProofStep(MigrateServices& services, const MigrateTarget& target, RestorePoints& restore_points,
            const MigrateRequest& request, const data::MigratorOptions& options)
      : services_(services),
        target_(target),
        restore_points_(restore_points),
        request_(request),
        options_(options) {}

  // A proof leaves nothing behind but its word: it is given again after a restart.
  Async<Result<Observation>> observe() override {
    co_return Observation{!evidence_.empty(),
                          evidence_.empty() ? "the way back was not walked yet" : evidence_};
  }

  Async<Status> apply() override {
    Status proven = co_await with_scratch_database(
        services_, target_, std::string(kPurpose),
        [this](std::string scratch) { return restore_and_walk(std::move(scratch)); });
    if (!proven)
      co_return std::unexpected(std::move(proven).error().within("on a copy of the database"));
    co_return proven;
  }

 private:
  Async<Status> restore_and_walk(std::string scratch) {
    AUTERITY_CO_CHECK(co_await restore_points_.restore_into(request_.restore_point, scratch));
    AUTERITY_CO_TRY(database, open_as_administrator(services_, target_, scratch));
    co_return co_await data::with_database(std::move(database),
                                           [this](data::Database& copy) { return walk(copy); });
  }

  Async<Status> walk(data::Database& database) {
    AUTERITY_CO_TRY(migrations, data::load_migrations(target_.migrations));
    AUTERITY_CO_TRY(top, co_await data::applied_revision(database));
    std::erase_if(migrations, [&](const auto& migration) { return migration.revision > top; });
    data::MigratorOptions options = options_;
    options.on_note = nullptr;
    SchemaWalk walk(database, services_.clock, std::move(migrations), std::move(options));
    const int to = request_.to.value_or(0);
    AUTERITY_CO_CHECK(co_await walk.look());
    for (const int revision : {to, top, to}) AUTERITY_CO_CHECK(co_await walk.go(revision));
    evidence_ = fmt::format("{} migrations went down, up and down on a copy; schema {}", top - to,
                            walk.schema().fingerprint.substr(0, 12));
    co_return Status{};
  }

  MigrateServices& services_;
  const MigrateTarget& target_;
  RestorePoints& restore_points_;
  const MigrateRequest& request_;
  const data::MigratorOptions& options_;
  std::string evidence_;
};

}  // namespace

std::unique_ptr<Step> make_proof_step(MigrateServices& services, const MigrateTarget& target,
                                      RestorePoints& restore_points, const MigrateRequest& request,
                                      const data::MigratorOptions& options) {
  return std::make_unique<ProofStep>(services, target, restore_points, request, options);
}

}  // namespace auterity::operations
