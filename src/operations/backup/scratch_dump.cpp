// A logical backup restored into a scratch cluster.
#include <fmt/format.h>

#include "operations/backup/logical_backup.h"
#include "operations/backup/scratch_cluster.h"

namespace auterity::operations::backup {
namespace {

// Makes the cluster, and is none of those that the backup brings.
constexpr std::string_view kFirstUser = "auterity_verification";
constexpr int kWorkers = 2;

}  // namespace

Async<Status> ScratchCluster::create_cluster() {
  AUTERITY_CO_TRY(
      outcome,
      co_await run({server_program("initdb"), "--pgdata=" + data_folder().string(),
                    fmt::format("--username={}", kFirstUser), "--auth=trust", "--encoding=UTF8",
                    "--locale=C.UTF-8", "--data-checksums", "--no-sync", "--no-instructions"}));
  if (outcome.exit_code != 0)
    co_return fail(ErrorKind::unavailable,
                   fmt::format("initdb ended with {}: {}", outcome.exit_code, outcome.error_output),
                   "look at memory, disk and permissions of this machine, and verify again");
  AUTERITY_CO_CHECK(configure(""));
  co_return co_await boot();
}

Async<Status> ScratchCluster::take_in(std::string_view what, std::vector<std::string> arguments) {
  AUTERITY_CO_TRY(outcome, co_await run(std::move(arguments)));
  if (outcome.exit_code == 0) co_return Status{};
  const ErrorKind kind = kind_of_refused_content(outcome.error_output);
  co_return fail(kind, fmt::format("{} cannot be restored: {}", what, outcome.error_output),
                 kind == ErrorKind::failed
                     ? "use another backup, and take a new one: auterity backup database --logical"
                     : "look at memory, disk and permissions of this machine, and verify again");
}

Async<Status> ScratchCluster::restore_dump(BackupStorage& storage, BackupManifest manifest) {
  AUTERITY_CO_CHECK(check_means(2 * manifest.size()));  // the dump, and what it becomes
  AUTERITY_CO_CHECK(co_await make_folders());
  const auto dump = folder_ / "wal" / "dump";
  const auto roles = folder_ / "wal" / "roles.sql";
  for (const BackupObject& object : manifest.objects)
    AUTERITY_CO_CHECK(
        co_await fetch(storage, object, object.key.ends_with(kDumpObject) ? dump : roles));
  AUTERITY_CO_CHECK(co_await create_cluster());
  const std::vector<std::string> server{"--host=" + socket_.string(),
                                        fmt::format("--port={}", kPort), "--no-password"};
  // Terse: no statement, and so no password's check, in what it says.
  std::vector<std::string> psql{server_program("psql"),
                                "--no-psqlrc",
                                "--quiet",
                                "--set=ON_ERROR_STOP=1",
                                "--set=VERBOSITY=terse",
                                "--single-transaction",
                                "--output=/dev/null",
                                fmt::format("--username={}", kFirstUser),
                                "--dbname=postgres",
                                "--file=" + roles.string()};
  std::vector<std::string> pg_restore{server_program("pg_restore"),
                                      "--create",
                                      "--exit-on-error",
                                      fmt::format("--jobs={}", kWorkers),
                                      "--username=postgres",
                                      "--dbname=postgres"};
  psql.insert(psql.end(), server.begin(), server.end());
  pg_restore.insert(pg_restore.end(), server.begin(), server.end());
  pg_restore.push_back(dump.string());
  AUTERITY_CO_CHECK(co_await take_in("the roles", std::move(psql)));
  co_return co_await take_in("the dump", std::move(pg_restore));
}

}  // namespace auterity::operations::backup
