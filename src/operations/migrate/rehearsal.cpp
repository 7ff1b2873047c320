#include "operations/migrate/rehearsal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "data/with_database.h"
#include "operations/migrate/databases.h"
#include "operations/migrate/postgres_tools.h"
#include "operations/migrate/schema_walk.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kPurpose = "rehearsal";
constexpr std::int64_t kSmallDatabase = std::int64_t{32} << 20;
constexpr std::size_t kMostOutput = std::size_t{256} << 20;
constexpr auto kToolLimit = std::chrono::seconds(20);

constexpr data::Statement kSize{"rehearsal.size",
                                "SELECT pg_database_size(current_database())::bigint"};

class Rehearsal {
 public:
  Rehearsal(MigrateServices& services, const MigrateTarget& target,
            const std::vector<data::Migration>& migrations, const ObservedSchema& observed)
      : services_(services), target_(target), migrations_(migrations), observed_(observed) {}

  Async<Status> run(std::string scratch) {
    if (Status copied = co_await clone_into(scratch); !copied)
      co_return fail(ErrorKind::not_ready, "no copy could be made: " + copied.error().message,
                     copied.error().hint);
    AUTERITY_CO_TRY(database, open_as_administrator(services_, target_, scratch));
    Status walked = co_await data::with_database(
        std::move(database), [this](data::Database& copy) { return walk(copy); });
    // Whatever it was to the server, it is the migration that failed.
    if (!walked && walked.error().kind != ErrorKind::unavailable)
      walked.error().kind = ErrorKind::failed;
    co_return walked;
  }
  std::string evidence() const {
    return fmt::format("{} went up{} on {}", up_,
                       back_ == 0 ? ""
                       : back_ == up_
                           ? ", down and up again"
                           : fmt::format(", the last {} of them down and up again", back_),
                       copy_);
  }

 private:
  bool is_empty() const { return !observed_.database_exists || observed_.applied.empty(); }

  Async<Status> clone_into(std::string scratch) {
    copy_ = "an empty database";
    if (is_empty()) co_return Status{};
    AUTERITY_CO_TRY(size, co_await size_of_database());
    copy_ = size <= kSmallDatabase ? "a copy with all rows" : "a copy of the schema";
    if (size <= kSmallDatabase) co_return co_await copy({}, scratch);
    AUTERITY_CO_CHECK(co_await copy({"--schema-only"}, scratch));
    co_return co_await copy(
        {"--data-only", "--table=public.schema_migrations", "--table=public.schema_snapshots"},
        scratch);
  }

  Async<Result<std::int64_t>> size_of_database() {
    const auto rows = co_await data::with_database(
        open_target(services_, target_),
        [](data::Database& database) { return database.read({kSize, {}}); });
    if (!rows) co_return std::unexpected(rows.error());
    const std::string_view text = (*rows)->text(0, 0);
    std::int64_t size = 0;
    std::from_chars(text.data(), text.data() + text.size(), size);
    co_return size;
  }

  // Through memory: nothing of it is left behind by whoever is killed.
  Async<Status> copy(std::vector<std::string> what, std::string scratch) {
    std::vector<std::string> arguments{"pg_dump", "--format=custom", "--no-password",
                                       "--lock-wait-timeout=2s"};
    arguments.insert(arguments.end(), what.begin(), what.end());
    AUTERITY_CO_TRY(dump, co_await run_postgres_tool(services_, target_,
                                                     {.arguments = std::move(arguments),
                                                      .database = target_.name,
                                                      .limit = kToolLimit,
                                                      .most_output_bytes = kMostOutput}));
    AUTERITY_CO_CHECK(co_await run_postgres_tool(
        services_, target_,
        {.arguments = {"pg_restore", "--exit-on-error", "--no-owner", "--no-privileges",
                       "--no-password", "--dbname=" + scratch},
         .database = scratch,
         .input = std::move(dump),
         .limit = kToolLimit}));
    co_return Status{};
  }

  Async<Status> walk(data::Database& database) {
    SchemaWalk walk(database, services_.clock, migrations_, {});
    AUTERITY_CO_CHECK(co_await walk.look());
    const int from = walk.revision();
    const int top = migrations_.back().revision;
    // As far down as the way leads without a step that is declared to have no way back.
    int floor = top;
    while (floor > from && !migrations_[static_cast<std::size_t>(floor) - 1].down.empty()) --floor;
    AUTERITY_CO_CHECK(co_await walk.go(floor));
    AUTERITY_CO_CHECK(co_await walk.go(top));
    if (floor < top)
      for (const int revision : {floor, top}) AUTERITY_CO_CHECK(co_await walk.go(revision));
    up_ = top - from;
    back_ = top - floor;
    co_return Status{};
  }

  MigrateServices& services_;
  const MigrateTarget& target_;
  const std::vector<data::Migration>& migrations_;
  const ObservedSchema& observed_;
  std::string copy_;
  int up_ = 0;
  int back_ = 0;
};

}  // namespace

Async<Result<std::string>> rehearse_migrations(MigrateServices& services,
                                               const MigrateTarget& target,
                                               const std::vector<data::Migration>& migrations,
                                               const ObservedSchema& observed) {
  Rehearsal rehearsal(services, target, migrations, observed);
  AUTERITY_CO_CHECK(co_await with_scratch_database(
      services, target, std::string(kPurpose),
      [&rehearsal](std::string scratch) { return rehearsal.run(std::move(scratch)); }));
  co_return rehearsal.evidence();
}

}  // namespace auterity::operations
