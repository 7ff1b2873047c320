#include "operations/backup/logical_backup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "core/finally.h"
#include "data/database_url.h"
#include "operations/backup/base_backup_objects.h"
#include "operations/backup/stopwatch.h"
#include "operations/migrate/local_target.h"
#include "operations/migrate/postgres_tools.h"
#include "operations/migrate/table_contents.h"

namespace auterity::operations::backup {
namespace {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;

constexpr int kBufferBytes = 1 << 20;

constexpr data::Statement kFacts{"logical_backup.facts",
                                 "SELECT pg_export_snapshot(), current_setting('server_version'), "
                                 "(SELECT system_identifier FROM pg_control_system())"};

// The program opens its end by path; ours of the same keeps the stream from ending before.
struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
  std::string path;
};

Result<Pipe> make_pipe(const Executor& executor) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return fail(ErrorKind::unavailable, "no pipe can be made", "raise the limit of open files");
  ::fcntl(ends[1], F_SETPIPE_SZ, kBufferBytes);  // a smaller one is no harm
  return Pipe{Descriptor(executor, ends[0]), Descriptor(executor, ends[1]),
              fmt::format("/proc/{}/fd/{}", ::getpid(), ends[1])};
}

// Closes its end however it ends, which ends the program's writing.
Async<Result<BackupObject>> store(data::SealedObjects& objects, std::string key, Descriptor from) {
  AUTERITY_CO_TRY(writer, co_await objects.open_writer(std::move(key)));
  std::string buffer(kBufferBytes, '\0');
  for (;;) {
    boost::system::error_code error;
    const auto count = co_await from.async_read_some(
        asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
    if (error == asio::error::eof) break;
    if (error)
      co_return fail(ErrorKind::unavailable,
                     fmt::format("reading what pg_dump writes: {}", error.message()), "try again");
    AUTERITY_CO_CHECK(co_await writer->write({buffer.data(), count}));
  }
  AUTERITY_CO_TRY(sealed, co_await writer->finish());
  co_return object_of(sealed);
}

Async<Status> dump(MigrateServices& services, const MigrateTarget& target, std::string snapshot,
                   std::string path, Descriptor open) {
  auto dumped = co_await run_postgres_tool(
      services, target,
      {.arguments = {"pg_dump", "--format=custom", "--compress=0", "--no-sync", "--no-password",
                     "--lock-wait-timeout=30s", "--snapshot=" + snapshot, "--file=" + path},
       .database = target.name});
  open.close();
  if (!dumped) co_return std::unexpected(std::move(dumped).error());
  co_return Status{};
}

Async<Result<BackupObject>> store_dump(MigrateServices& services, const MigrateTarget& target,
                                       data::SealedObjects& objects, std::string key,
                                       std::string snapshot) {
  const auto executor = co_await asio::this_coro::executor;
  AUTERITY_CO_TRY(pipe, make_pipe(executor));
  auto [order, dump_error, dumped, store_error, stored] =
      co_await asio::experimental::make_parallel_group(
          asio::co_spawn(executor,
                         dump(services, target, std::move(snapshot), std::move(pipe.path),
                              std::move(pipe.write_end)),
                         asio::deferred),
          asio::co_spawn(executor, store(objects, std::move(key), std::move(pipe.read_end)),
                         asio::deferred))
          .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  if (dump_error) std::rethrow_exception(dump_error);
  if (store_error) std::rethrow_exception(store_error);
  // Why nothing more was taken tells more than that the program could not write.
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  AUTERITY_CO_CHECK(dumped);
  co_return stored;
}

Async<Result<BackupObject>> store_roles(MigrateServices& services, const MigrateTarget& target,
                                        data::SealedObjects& objects, std::string key) {
  AUTERITY_CO_TRY(roles, co_await run_postgres_tool(
                             services, target,
                             {.arguments = {"pg_dumpall", "--roles-only", "--no-password"},
                              .database = target.name}));
  AUTERITY_CO_TRY(sealed, co_await objects.put(std::move(key), std::move(roles)));
  co_return object_of(sealed);
}

struct Source {
  LocalContext& context;
  BackupStorage& storage;
  data::Database& database;
  MigrateTarget target;
};

Async<Result<DatabaseBackup>> take(Source source, std::string prefix) {
  Stopwatch watch(source.context.clock);
  auto services = migrate_services(source.context);
  AUTERITY_CO_TRY(session, co_await source.database.open_session());
  AUTERITY_CO_CHECK(co_await session->execute_script(
      "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; "
      "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  AUTERITY_CO_TRY(facts, co_await session->query({kFacts, {}}));
  const std::string_view server_version = facts->text(0, 1);
  DatabaseBackup backup;
  backup.part = {
      .database = source.target.name,
      .postgresql_version = std::string(server_version.substr(0, server_version.find(' '))),
      .system_id = std::string(facts->text(0, 2)),
      .timeline = 0,
      .start = {},
      .end = {},
      .proof = {},
      .restore_point = {},
      .schema_revision = 0,
      .rows = {}};
  data::SealedObjects& objects = source.storage.objects();
  AUTERITY_CO_TRY(dumped, co_await store_dump(services, source.target, objects,
                                              prefix + std::string(kDumpObject),
                                              std::string(facts->text(0, 0))));
  backup.durations_ms["dump"] = watch.lap_ms();
  AUTERITY_CO_TRY(roles, co_await store_roles(services, source.target, objects,
                                              prefix + std::string(kRolesObject)));
  backup.durations_ms["roles"] = watch.lap_ms();
  backup.objects = {std::move(dumped), std::move(roles)};
  AUTERITY_CO_TRY(rows, co_await count_rows(*session));
  backup.part.rows = std::move(rows);
  AUTERITY_CO_TRY(revision, co_await schema_revision(*session));
  backup.part.schema_revision = revision;
  backup.durations_ms["rows"] = watch.lap_ms();
  co_return backup;
}

}  // namespace

Async<Result<DatabaseBackup>> take_logical(LocalContext& context, const local::Platform& platform,
                                           BackupStorage& storage, std::string stamp) {
  AUTERITY_CO_TRY(database, open_backup_database(context, platform));
  AUTERITY_CO_TRY(target, local_migrate_target(context, std::nullopt, std::nullopt));
  AUTERITY_CO_TRY(backup, co_await finally(take({context, storage, *database, std::move(target)},
                                                database_prefix(context.layout.environment, stamp)),
                                           database->close()));
  co_return backup;
}

}  // namespace auterity::operations::backup
