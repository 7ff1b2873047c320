#include "operations/migrate/logical_restore_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "data/migrations/schema_description.h"
#include "data/with_database.h"
#include "operations/migrate/databases.h"
#include "operations/migrate/postgres_tools.h"
#include "operations/migrate/table_contents.h"
#include "operations/process_call.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kPurpose = "restore";
constexpr std::string_view kManifest = ".json";
constexpr std::string_view kDump = ".dump";
constexpr auto kSumLimit = std::chrono::hours(1);

constexpr data::Statement kSnapshot{"restore_points.snapshot", "SELECT pg_export_snapshot()"};

Async<Result<std::unique_ptr<data::Session>>> open_snapshot(data::Database& database) {
  AUTERITY_CO_TRY(session, co_await database.open_session());
  AUTERITY_CO_CHECK(co_await session->execute_script(
      "SET statement_timeout = 0; BEGIN ISOLATION LEVEL REPEATABLE READ"));
  co_return std::move(session);
}

// nullopt when it was cut short: the manifest is written last.
Result<std::optional<RestorePoint>> find_in(Files& files, const std::filesystem::path& folder,
                                            const std::string& name) {
  const auto manifest_file = folder / (name + std::string(kManifest));
  const auto dump_file = folder / (name + std::string(kDump));
  if (!files.exists(manifest_file) || !files.exists(dump_file)) return std::nullopt;
  AUTERITY_TRY(text, files.read(manifest_file));
  AUTERITY_TRY(manifest, parse_json(text));
  const auto member = [&](std::string_view field) {
    return std::string(string_or(find_member(manifest, field), ""));
  };
  return RestorePoint{name, dump_file.string(), member("verified"),
                      parse_rfc3339(member("taken_at")), parse_rfc3339(member("verified_at"))};
}

}  // namespace

struct LogicalRestorePoints::Contents {
  Time at;
  RowCounts rows;
  data::SchemaDescription schema;

  static Async<Result<Contents>> of(data::Session& session) {
    Contents contents;
    AUTERITY_CO_TRY(rows, co_await count_rows(session));
    contents.rows = std::move(rows);
    AUTERITY_CO_TRY(schema, co_await data::describe_schema(session));
    contents.schema = std::move(schema);
    co_return contents;
  }
  static Async<Result<Contents>> of_database(data::Database& database) {
    AUTERITY_CO_TRY(session, co_await open_snapshot(database));
    co_return co_await of(*session);
  }
  std::string describe() const {
    std::int64_t total = 0;
    for (const auto& [table, count] : rows) total += count;
    return fmt::format("{} tables with {} rows, schema {}", rows.size(), total,
                       schema.fingerprint.substr(0, 12));
  }
};

std::filesystem::path LogicalRestorePoints::dump_file(const std::string& name) const {
  return std::filesystem::path(target_.restore_points) / (name + std::string(kDump));
}

std::filesystem::path LogicalRestorePoints::manifest_file(const std::string& name) const {
  return std::filesystem::path(target_.restore_points) / (name + std::string(kManifest));
}

Async<Result<std::optional<RestorePoint>>> LogicalRestorePoints::find(std::string name) {
  co_return find_in(services_.files, target_.restore_points, name);
}

Async<Result<RestorePoint>> LogicalRestorePoints::make(std::string name) {
  AUTERITY_CO_CHECK(prepare(name));
  AUTERITY_CO_TRY(taken, co_await dump(name));
  Contents restored;
  AUTERITY_CO_CHECK(co_await with_scratch_database(
      services_, target_, std::string(kPurpose),
      [&](std::string scratch) { return restore_and_look(name, restored, std::move(scratch)); }));
  std::string difference = describe_difference(taken.rows, restored.rows);
  if (difference.empty())
    for (const auto& changed : data::compare_schemas(taken.schema.text, restored.schema.text))
      difference += to_text(changed) + "; ";
  if (!difference.empty())
    co_return fail(ErrorKind::failed, "the restored copy differs from the database: " + difference,
                   fmt::format("keep {} for a look, and report this", dump_file(name).string()));
  AUTERITY_CO_TRY(
      sum, co_await call(services_.processes,
                         ProcessRequest{.arguments = {"sha256sum", "--", dump_file(name).string()},
                                        .timeout = kSumLimit}));
  const std::string verified = "restored and compared: " + restored.describe();
  const Time verified_at = services_.clock.now();
  const JsonObject manifest{{"name", name},
                            {"database", target_.shown},
                            {"taken_at", to_rfc3339(taken.at)},
                            {"verified_at", to_rfc3339(verified_at)},
                            {"sha256", sum.substr(0, sum.find(' '))},
                            {"schema_fingerprint", taken.schema.fingerprint},
                            {"verified", verified}};
  AUTERITY_CO_CHECK(services_.files.write_atomically(manifest_file(name),
                                                     to_pretty_text(Json(manifest)) + "\n", 0600));
  co_return RestorePoint{name, dump_file(name).string(), verified, taken.at, verified_at};
}

// The file is there, and nobody else's to read, before anything is in it.
Status LogicalRestorePoints::prepare(const std::string& name) {
  AUTERITY_CHECK(services_.files.create_directories(target_.restore_points, 0700));
  AUTERITY_CHECK(services_.files.remove_tree(manifest_file(name)));
  return services_.files.write_atomically(dump_file(name), "", 0600);
}

Async<Result<LogicalRestorePoints::Contents>> LogicalRestorePoints::dump(std::string name) {
  AUTERITY_CO_TRY(database, open_as_administrator(services_, target_, target_.name));
  co_return co_await data::with_database(
      std::move(database), [&](data::Database& source) { return dump_from(source, name); });
}

Async<Result<LogicalRestorePoints::Contents>> LogicalRestorePoints::dump_from(
    data::Database& database, std::string name) {
  AUTERITY_CO_TRY(session, co_await open_snapshot(database));
  AUTERITY_CO_TRY(snapshot, co_await session->query({kSnapshot, {}}));
  const Time at = services_.clock.now();
  AUTERITY_CO_TRY(contents, co_await Contents::of(*session));
  contents.at = at;
  AUTERITY_CO_CHECK(co_await run_postgres_tool(
      services_, target_,
      {.arguments = {"pg_dump", "--format=custom", "--no-password", "--lock-wait-timeout=30s",
                     fmt::format("--snapshot={}", snapshot->text(0, 0)),
                     "--file=" + dump_file(name).string()},
       .database = target_.name}));
  co_return contents;
}

Async<Status> LogicalRestorePoints::restore_into(std::string name, std::string database) {
  AUTERITY_CO_CHECK(co_await run_postgres_tool(
      services_, target_,
      {.arguments = {"pg_restore", "--exit-on-error", "--no-owner", "--no-privileges",
                     "--no-password", "--dbname=" + database, dump_file(name).string()},
       .database = database}));
  co_return Status{};
}

Async<Result<LogicalRestorePoints::Contents>> LogicalRestorePoints::look_into(std::string name) {
  AUTERITY_CO_TRY(database, open_as_administrator(services_, target_, name));
  co_return co_await data::with_database(std::move(database), Contents::of_database);
}

Async<Status> LogicalRestorePoints::restore_and_look(std::string name, Contents& restored,
                                                     std::string database) {
  AUTERITY_CO_CHECK(co_await restore_into(name, database));
  AUTERITY_CO_TRY(found, co_await look_into(database));
  restored = std::move(found);
  co_return Status{};
}

Result<std::vector<RestorePoint>> list_logical_restore_points(Files& files,
                                                              const std::filesystem::path& folder) {
  std::vector<RestorePoint> points;
  if (!files.exists(folder)) return points;
  AUTERITY_TRY(names, files.list(folder));
  for (const std::string& file : names) {
    if (!file.ends_with(kManifest)) continue;
    auto point = find_in(files, folder, file.substr(0, file.size() - kManifest.size()));
    if (point && *point) points.push_back(std::move(**point));
  }
  std::ranges::sort(points, std::greater<>(), &RestorePoint::taken_at);
  return points;
}

}  // namespace auterity::operations
