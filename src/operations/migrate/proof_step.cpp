// The way back, walked on a copy before it is walked on the database itself.
#include <fmt/format.h>

#include "data/migrations/migrator.h"
#include "operations/kept_step.h"
#include "operations/migrate/databases.h"
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
    const std::string scratch = scratch_name(target_, kPurpose);
    AUTERITY_CO_CHECK(co_await make_scratch(services_, target_, scratch));
    AUTERITY_CO_CHECK(co_await restore_points_.restore_into(request_.restore_point, scratch));
    AUTERITY_CO_TRY(database, open_as_administrator(services_, target_, scratch));
    Status proven = co_await walk(*database);
    co_await database->close();
    AUTERITY_CO_CHECK(co_await drop_scratch(services_, target_, scratch));
    if (!proven)
      co_return std::unexpected(std::move(proven).error().within("on a copy of the database"));
    co_return proven;
  }

 private:
  static Async<Result<data::SchemaDescription>> describe(data::Database& database) {
    AUTERITY_CO_TRY(session, co_await database.open_session());
    co_return co_await data::describe_schema(*session);
  }

  static Status check_same(const data::SchemaDescription& before,
                           const data::SchemaDescription& after, std::string_view where) {
    const auto differences = data::compare_schemas(before.text, after.text);
    if (differences.empty()) return {};
    return fail(ErrorKind::failed, fmt::format("{}: {}", where, to_text(differences.front())),
                "mend the down file so that it takes back exactly what the up file does");
  }

  Async<Status> walk(data::Database& database) {
    AUTERITY_CO_TRY(migrations, data::load_migrations(target_.migrations));
    std::vector<data::Migration> known;
    AUTERITY_CO_TRY(top, co_await data::applied_revision(database));
    for (auto& migration : migrations)
      if (migration.revision <= top) known.push_back(std::move(migration));
    const int to = request_.to.value_or(0);
    data::MigratorOptions options = options_;
    options.on_note = nullptr;
    AUTERITY_CO_TRY(before, co_await describe(database));
    AUTERITY_CO_TRY(reverted,
                    co_await data::migrate_down(database, services_.clock, known, to, options));
    AUTERITY_CO_TRY(below, co_await describe(database));
    AUTERITY_CO_CHECK(co_await data::migrate_up(database, services_.clock, known, options));
    AUTERITY_CO_TRY(after, co_await describe(database));
    AUTERITY_CO_CHECK(check_same(before, after, "down and up again is not what it was"));
    AUTERITY_CO_CHECK(co_await data::migrate_down(database, services_.clock, known, to, options));
    AUTERITY_CO_TRY(again, co_await describe(database));
    AUTERITY_CO_CHECK(check_same(below, again, "down a second time is not what it was"));
    evidence_ = fmt::format("{} migrations went down, up and down on a copy; schema {}",
                            reverted.size(), again.fingerprint.substr(0, 12));
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
