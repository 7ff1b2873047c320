// PostgreSQL 15 as a supervised service. Its configuration is generated beside the service and not
// inside the data folder, so that a restored data folder runs under this machine's settings.
#include <fmt/format.h>

#include <algorithm>

#include "targets/local/service_definition.h"

namespace auterity::local {
namespace {

constexpr std::string_view kBinaries = "/usr/lib/postgresql/15/bin";

std::string configuration(const Platform& platform) {
  const std::uint64_t megabytes = platform.memory_bytes >> 20;
  return fmt::format(
      R"(data_directory = '{data}'
hba_file = '{service}/data/pg_hba.conf'
ident_file = '{service}/data/pg_ident.conf'
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{run}'
max_connections = 200
password_encryption = scram-sha-256

shared_buffers = {shared}MB
effective_cache_size = {cache}MB
work_mem = 8MB
maintenance_work_mem = 128MB
random_page_cost = 1.1
effective_io_concurrency = 200
jit = off

fsync = on
synchronous_commit = on
full_page_writes = on
wal_level = replica
wal_buffers = 16MB
wal_compression = lz4
min_wal_size = 256MB
max_wal_size = 2GB
checkpoint_timeout = 15min
max_wal_senders = 10
max_replication_slots = 10
max_slot_wal_keep_size = 16GB

shared_preload_libraries = 'pg_stat_statements'
compute_query_id = on
track_io_timing = on
idle_in_transaction_session_timeout = 60s
log_destination = 'stderr'
logging_collector = off
log_line_prefix = '%m [%p] %q%u@%d %a '
log_timezone = 'UTC'
timezone = 'UTC'
log_min_duration_statement = 1s
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_lock_waits = on
log_checkpoints = on
log_autovacuum_min_duration = 10s
)",
      fmt::arg("data", platform.layout.postgres().string()),
      fmt::arg("service", platform.layout.service("postgres").string()),
      fmt::arg("port", platform.postgres_port), fmt::arg("run", platform.layout.run.string()),
      fmt::arg("shared", std::clamp<std::uint64_t>(megabytes / 32, 128, 2048)),
      fmt::arg("cache", std::max<std::uint64_t>(megabytes / 2, 512)));
}

// The superuser has no password: it is whoever owns the platform on this machine, known by the
// kernel over the socket.
constexpr std::string_view kAccess =
    "local all         postgres              peer map=platform\n"
    "local all         all                   scram-sha-256\n"
    "host  all         all      127.0.0.1/32 scram-sha-256\n"
    "local replication postgres              peer map=platform\n";

std::string identities(const Platform& platform) {
  std::string text = fmt::format("platform {} postgres\n", platform.service_user);
  if (platform.drops_privileges) text += "platform root postgres\n";
  return text;
}

}  // namespace

ServiceDefinition define_postgres(const Platform& platform) {
  const std::string run =
      run_script_head(platform, "postgres") +
      fmt::format(
          "exec env -i PATH=\"$PATH\" LC_ALL=C.UTF-8 s6-notifyoncheck -d -n 0 -w 100 -t 5000 \\\n"
          "  {}{}/postgres -c config_file=\"$PWD/data/postgresql.conf\"\n",
          drop_privileges(platform), kBinaries);
  return {.name = "postgres",
          .files = {{"run", run, 0755},
                    {"notification-fd", "3\n"},
                    {"down-signal", "SIGINT\n"},  // fast shutdown
                    {"timeout-kill", "0\n"},      // a shutdown checkpoint may take its time
                    {"data/postgresql.conf", configuration(platform)},
                    {"data/pg_hba.conf", std::string(kAccess)},
                    {"data/pg_ident.conf", identities(platform)},
                    check_file(fmt::format("exec {}/pg_isready -q -h {} -p {} -t 3\n", kBinaries,
                                           platform.layout.run.string(), platform.postgres_port)),
                    end_leftovers_file(platform, "postgres",
                                       {"postgres", "INT", platform.layout.postgres().string()})},
          .ready_timeout = std::chrono::minutes(10)};  // crash recovery replays WAL first
}

}  // namespace auterity::local
