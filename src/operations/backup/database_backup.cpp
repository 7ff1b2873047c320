#include "operations/backup/database_backup.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/counted.h"
#include "core/finally.h"
#include "data/database_url.h"
#include "data/migrations/applied.h"
#include "data/postgres/replication.h"
#include "operations/backup/base_backup_objects.h"
#include "operations/backup/row_proof.h"
#include "operations/backup/stopwatch.h"
#include "operations/backup/wal_tail.h"

namespace auterity::operations::backup {
namespace {

constexpr std::string_view kApplication = "auterity-backup";

constexpr data::Statement kBytes{"backup.bytes",
                                 "SELECT sum(pg_database_size(oid))::bigint FROM pg_database"};

struct Identity {
  data::SystemIdentity system;
  std::string version;
};

Async<Result<Identity>> identify(data::Replication& replication) {
  Identity identity;
  AUTERITY_CO_TRY(system, co_await replication.identify_system());
  AUTERITY_CO_TRY(version, co_await replication.show("server_version"));
  identity.system = std::move(system);
  identity.version = version.substr(0, version.find(' '));
  co_return identity;
}

// Names of slots are of lower-case letters, digits and underscores.
std::string slot_of(std::string stamp) {
  std::ranges::transform(stamp, stamp.begin(), [](char c) {
    if (c == '-') return '_';
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return "auterity_backup_" + stamp;
}

struct Source {
  LocalContext& context;
  const local::Platform& platform;
  BackupStorage& storage;
  data::Database& database;
};

Async<Result<DatabaseBackup>> take(Source source, std::string stamp, OnNote on_note) {
  Stopwatch watch(source.context.clock);
  DatabaseBackup backup;
  const std::string prefix = database_prefix(source.context.layout.environment, stamp);
  AUTERITY_CO_TRY(tail, co_await WalTail::hold(source.database, slot_of(stamp)));
  AUTERITY_CO_TRY(replication,
                  co_await data::Replication::open(
                      source.context.executor, source.context.clock, source.context.log,
                      {.url = source.platform.maintenance_database_url("postgres"),
                       .application_name = std::string(kApplication)}));
  AUTERITY_CO_TRY(identity, co_await identify(*replication));
  BaseBackupObjects sink(source.storage.objects(), prefix, [on_note](std::uint64_t bytes) {
    on_note(fmt::format("{} stored", size_text(bytes)));
  });
  AUTERITY_CO_TRY(base, co_await replication->base_backup({.label = "auterity " + stamp}, sink));
  AUTERITY_CO_TRY(objects, co_await sink.finish());
  backup.objects = std::move(objects);
  backup.durations_ms["base"] = watch.lap_ms();
  backup.part = {.database = {},
                 .postgresql_version = identity.version,
                 .system_id = identity.system.system_id,
                 .timeline = base.stop_timeline,
                 .start = base.begun.start,
                 .end = base.stop,
                 .proof = {},
                 .restore_point = {},
                 .schema_revision = 0,
                 .rows = {}};
  AUTERITY_CO_TRY(proof,
                  co_await prove_rows(source.database, source.context.clock, "auterity " + stamp));
  backup.durations_ms["rows"] = watch.lap_ms();
  if (proof) {
    backup.part.restore_point = std::move(proof->point);
    backup.part.proof = proof->place;
    backup.part.rows = std::move(proof->rows);
    AUTERITY_CO_TRY(segments, co_await tail->store(source.storage.objects(), prefix,
                                                   base.stop_timeline, base.stop, proof->place));
    backup.objects.insert(backup.objects.end(), segments.begin(), segments.end());
  } else {
    on_note("rows were not counted: a transaction writes for too long");
  }
  backup.durations_ms["log"] = watch.lap_ms();
  AUTERITY_CO_TRY(session, co_await source.database.open_session());
  AUTERITY_CO_TRY(revision, co_await schema_revision(*session));
  backup.part.schema_revision = revision;
  co_return backup;
}

}  // namespace

Result<std::unique_ptr<data::Database>> open_backup_database(LocalContext& context,
                                                             const local::Platform& platform) {
  if (!context.files.exists(platform.postgres_socket()))
    return fail(
        ErrorKind::not_ready,
        fmt::format("the database of environment {} does not run", context.layout.environment),
        fmt::format("start the platform: auterity up -e {}", context.layout.environment));
  AUTERITY_TRY(name, data::database_name(platform.service_database_url()));
  data::DatabaseOptions options;
  options.url = platform.maintenance_database_url(name);
  options.application_name = kApplication;
  options.max_connections = 2;
  options.connect_timeout = std::chrono::seconds(3);
  options.acquire_timeout = std::chrono::seconds(5);
  return data::open_database(context.executor, context.clock, context.log, std::move(options));
}

Async<Result<int>> schema_revision(data::Session& session) {
  AUTERITY_CO_TRY(applied, co_await data::read_applied(session));
  co_return applied.empty() ? 0 : applied.rbegin()->first;
}

Async<Result<std::uint64_t>> database_bytes(data::Database& database) {
  AUTERITY_CO_TRY(rows, co_await database.read({kBytes, {}}));
  const std::string_view text = rows->text(0, 0);
  std::uint64_t bytes = 0;
  std::from_chars(text.data(), text.data() + text.size(), bytes);
  co_return bytes;
}

Async<Result<DatabaseBackup>> take_database(LocalContext& context, const local::Platform& platform,
                                            BackupStorage& storage, std::string stamp,
                                            OnNote on_note) {
  AUTERITY_CO_TRY(database, open_backup_database(context, platform));
  AUTERITY_CO_TRY(backup, co_await finally(take({context, platform, storage, *database},
                                                std::move(stamp), std::move(on_note)),
                                           database->close()));
  AUTERITY_CO_TRY(name, data::database_name(platform.service_database_url()));
  backup.part.database = std::move(name);
  co_return backup;
}

}  // namespace auterity::operations::backup
