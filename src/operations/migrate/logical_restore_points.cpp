#include "operations/migrate/logical_restore_points.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "data/database_url.h"
#include "data/migrations/schema_description.h"
#include "operations/migrate/databases.h"
#include "operations/migrate/table_contents.h"
#include "operations/process_call.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kPurpose = "check";
constexpr auto kToolLimit = std::chrono::hours(6);

constexpr data::Statement kSnapshot{"restore_points.snapshot", "SELECT pg_export_snapshot()"};
constexpr data::Statement kServerVersion{
    "restore_points.server_version", "SELECT current_setting('server_version_num')::int / 10000"};

Async<Result<std::unique_ptr<data::Session>>> open_snapshot(data::Database& database) {
  AUTERITY_CO_TRY(session, co_await database.open_session());
  AUTERITY_CO_CHECK(co_await session->execute_script(
      "SET statement_timeout = 0; BEGIN ISOLATION LEVEL REPEATABLE READ"));
  co_return std::move(session);
}

}  // namespace

struct LogicalRestorePoints::Contents {
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
  std::string describe() const {
    std::int64_t total = 0;
    for (const auto& [table, count] : rows) total += count;
    return fmt::format("{} tables with {} rows, schema {}", rows.size(), total,
                       schema.fingerprint.substr(0, 12));
  }
};

std::filesystem::path LogicalRestorePoints::dump_file(const std::string& name) const {
  return std::filesystem::path(target_.restore_points) / (name + ".dump");
}

std::filesystem::path LogicalRestorePoints::manifest_file(const std::string& name) const {
  return std::filesystem::path(target_.restore_points) / (name + ".json");
}

Async<Result<std::optional<RestorePoint>>> LogicalRestorePoints::find(std::string name) {
  if (!services_.files.exists(manifest_file(name)) || !services_.files.exists(dump_file(name)))
    co_return std::nullopt;
  AUTERITY_CO_TRY(text, services_.files.read(manifest_file(name)));
  AUTERITY_CO_TRY(manifest, parse_json(text));
  co_return RestorePoint{name, dump_file(name).string(),
                         std::string(string_or(find_member(manifest, "verified"), ""))};
}

Async<Result<RestorePoint>> LogicalRestorePoints::make(std::string name) {
  AUTERITY_CO_CHECK(prepare(name));
  AUTERITY_CO_TRY(taken, co_await dump(name));
  const std::string scratch = scratch_name(target_, kPurpose);
  AUTERITY_CO_CHECK(co_await make_scratch(services_, target_, scratch));
  AUTERITY_CO_CHECK(co_await restore_into(name, scratch));
  AUTERITY_CO_TRY(restored, co_await look_into(scratch));
  AUTERITY_CO_CHECK(co_await drop_scratch(services_, target_, scratch));
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
                                        .timeout = kToolLimit}));
  const std::string verified = "restored and compared: " + restored.describe();
  const JsonObject manifest{{"name", name},
                            {"database", target_.shown},
                            {"taken_at", to_rfc3339(services_.clock.now())},
                            {"sha256", sum.substr(0, sum.find(' '))},
                            {"schema_fingerprint", taken.schema.fingerprint},
                            {"verified", verified}};
  AUTERITY_CO_CHECK(services_.files.write_atomically(manifest_file(name),
                                                     to_pretty_text(Json(manifest)) + "\n", 0600));
  co_return RestorePoint{name, dump_file(name).string(), verified};
}

// The file is there, and nobody else's to read, before anything is in it.
Status LogicalRestorePoints::prepare(const std::string& name) {
  AUTERITY_CHECK(services_.files.create_directories(target_.restore_points, 0700));
  AUTERITY_CHECK(services_.files.remove_tree(manifest_file(name)));
  return services_.files.write_atomically(dump_file(name), "", 0600);
}

Async<Result<LogicalRestorePoints::Contents>> LogicalRestorePoints::dump(std::string name) {
  AUTERITY_CO_TRY(database, open_as_administrator(services_, target_, target_.name));
  AUTERITY_CO_TRY(session, co_await open_snapshot(*database));
  AUTERITY_CO_TRY(snapshot, co_await session->query({kSnapshot, {}}));
  AUTERITY_CO_TRY(contents, co_await Contents::of(*session));
  AUTERITY_CO_CHECK(co_await run_tool(
      {"pg_dump", "--format=custom", "--no-password", "--lock-wait-timeout=30s",
       fmt::format("--snapshot={}", snapshot->text(0, 0)), "--file=" + dump_file(name).string()},
      target_.name));
  session.reset();
  co_await database->close();
  co_return contents;
}

Async<Status> LogicalRestorePoints::restore_into(std::string name, std::string database) {
  co_return co_await run_tool({"pg_restore", "--exit-on-error", "--no-owner", "--no-privileges",
                               "--no-password", "--dbname=" + database, dump_file(name).string()},
                              database);
}

Async<Result<LogicalRestorePoints::Contents>> LogicalRestorePoints::look_into(std::string name) {
  AUTERITY_CO_TRY(database, open_as_administrator(services_, target_, name));
  AUTERITY_CO_TRY(session, co_await open_snapshot(*database));
  AUTERITY_CO_TRY(contents, co_await Contents::of(*session));
  session.reset();
  co_await database->close();
  co_return contents;
}

// pg_dump refuses servers newer than itself: the one of the server's own version is taken.
Async<Status> LogicalRestorePoints::run_tool(std::vector<std::string> arguments,
                                             std::string database) {
  AUTERITY_CO_TRY(server, open_as_administrator(services_, target_, database));
  auto version = co_await server->read({kServerVersion, {}});
  co_await server->close();
  if (!version) co_return std::unexpected(std::move(version).error());
  const std::string tool =
      fmt::format("/usr/lib/postgresql/{}/bin/{}", (*version)->text(0, 0), arguments.front());
  if (!services_.files.exists(tool))
    co_return fail(
        ErrorKind::not_ready, fmt::format("{} is not there", tool),
        fmt::format("install it: apt-get install postgresql-client-{}", (*version)->text(0, 0)));
  arguments.front() = tool;
  AUTERITY_CO_TRY(url, data::with_database(target_.admin_url, database));
  AUTERITY_CO_TRY(environment, data::libpq_environment(url));
  environment["LC_ALL"] = "C.UTF-8";
  ProcessRequest request{.arguments = std::move(arguments),
                         .environment = std::move(environment),
                         .clean_environment = true,
                         .working_directory = "/",
                         .timeout = kToolLimit};
  AUTERITY_CO_CHECK(co_await call(services_.processes, std::move(request)));
  co_return Status{};
}

}  // namespace auterity::operations
