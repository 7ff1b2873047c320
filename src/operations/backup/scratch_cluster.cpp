#include "operations/backup/scratch_cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "core/counted.h"
#include "data/postgres/lsn.h"
#include "data/run_blocking.h"
#include "operations/backup/restore_cluster.h"
#include "operations/process_call.h"

namespace auterity::operations::backup {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBinaries = "/usr/lib/postgresql/15/bin/";
constexpr auto kLimit = std::chrono::hours(6);
constexpr std::uint64_t kSpare = 256u << 20;  // log that recovery writes, and sorting
constexpr auto kBetweenLooks = std::chrono::milliseconds(50);
constexpr std::string_view kArchive = ".base.tar.zst";
constexpr std::string_view kServerManifest = ".backup_manifest.json";
constexpr std::string_view kSegment = ".wal.";

// Enough to replay and to be asked; nothing that reaches outside.
std::string configuration(const fs::path& socket, int port) {
  return fmt::format(
      "listen_addresses = ''\n"
      "unix_socket_directories = '{}'\n"
      "port = {}\n"
      "shared_buffers = 64MB\n"
      "max_connections = 20\n"
      "max_wal_senders = 0\n"
      "hot_standby = off\n"
      "archive_mode = off\n"
      "autovacuum = off\n"
      "jit = off\n"
      "fsync = off\n"
      "full_page_writes = off\n"
      "logging_collector = off\n"
      "log_min_error_statement = panic\n",  // a statement may hold what a password is checked by
      socket.string(), port);
}

RecoveryTarget target_of(const DatabasePart& part) {
  if (part.proof == data::Lsn()) return {.kind = RecoveryTarget::Kind::consistent};
  return {.kind = RecoveryTarget::Kind::name, .name = part.restore_point};
}

// Of an error that says nothing about the backup, whatever its kind.
Error of_this_machine(Error error) {
  if (error.kind == ErrorKind::failed || error.kind == ErrorKind::not_found)
    error.kind = ErrorKind::unavailable;
  return error;
}

Status of_this_machine(Status status) {
  if (!status) return std::unexpected(of_this_machine(std::move(status).error()));
  return status;
}

Status append(std::ofstream& out, std::string_view bytes, const fs::path& file) {
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (out) return {};
  return fail(ErrorKind::storage_full, fmt::format("{} cannot be written", file.string()),
              "free space on the disk that holds the platform's state");
}

std::unexpected<Error> not_prepared(const fs::path& file, const std::error_code& error) {
  return fail(ErrorKind::storage_full,
              fmt::format("{} cannot be prepared: {}", file.string(), error.message()),
              "free space on the disk that holds the platform's state");
}

}  // namespace

std::string server_program(std::string_view name) {
  return std::string(kBinaries) + std::string(name);
}

ScratchCluster::ScratchCluster(LocalContext& context, const local::Platform& platform)
    : context_(context),
      platform_(platform),
      folder_(context.layout.state() / "verify"),
      socket_(context.layout.run / "verify") {}

std::string ScratchCluster::url(const std::string& database) const {
  return fmt::format("postgresql://postgres@/{}?host={}&port={}", database, socket_.string(),
                     kPort);
}

// Last in the queue for CPU and disk: the platform goes before.
Async<Result<ProcessOutcome>> ScratchCluster::run(std::vector<std::string> arguments) {
  std::vector<std::string> whole{"nice", "-n", "19", "ionice", "-c", "3"};
  whole.insert(whole.end(), arguments.begin(), arguments.end());
  ProcessRequest request{.arguments = std::move(whole),
                         .environment = {{"LC_ALL", "C.UTF-8"}, {"PATH", "/usr/bin:/bin"}},
                         .clean_environment = true,
                         .working_directory = "/",
                         .timeout = kLimit};
  if (platform_.drops_privileges) request.run_as = platform_.service_user;
  auto outcome = co_await context_.processes.run(std::move(request));
  if (!outcome) co_return std::unexpected(of_this_machine(std::move(outcome).error()));
  co_return outcome;
}

Async<Status> ScratchCluster::control(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {server_program("pg_ctl"), "--pgdata", data_folder().string(),
                                       "--wait", "--timeout=20000", "--silent"});
  AUTERITY_CO_TRY(outcome, co_await run(std::move(arguments)));
  if (outcome.exit_code == 0) co_return Status{};
  co_return fail(ErrorKind::unavailable,
                 fmt::format("pg_ctl ended with {}: {}", outcome.exit_code, outcome.error_output),
                 "look at memory, disk and permissions of this machine, and verify again");
}

Async<Status> ScratchCluster::clear() {
  if (context_.files.exists(folder_ / "data/postmaster.pid")) {
    // It may be dead already; then there is nothing to stop.
    const auto stopped = co_await control({"--mode=immediate", "stop"});
    if (!stopped) context_.log.info("backup", "a restored copy was not running any more");
  }
  AUTERITY_CO_CHECK(context_.files.remove_tree(folder_));
  co_return context_.files.remove_tree(socket_);
}

Async<Status> ScratchCluster::make_folders() {
  AUTERITY_CO_CHECK(co_await clear());
  AUTERITY_CO_CHECK(context_.files.create_directories(context_.layout.run));
  std::vector<std::string> arguments{"install", "-d", "-m", "0700"};
  if (platform_.drops_privileges) {
    arguments.emplace_back("-o");
    arguments.push_back(platform_.service_user);
  }
  for (const fs::path& path : {folder_, folder_ / "wal", socket_})
    arguments.push_back(path.string());
  co_return of_this_machine(co_await call(context_.processes, std::move(arguments)));
}

Async<Status> ScratchCluster::fetch(BackupStorage& storage, BackupObject object, fs::path file) {
  AUTERITY_CO_TRY(reader, co_await storage.objects().open_reader(object.key, object.sha256));
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  for (;;) {
    auto piece = co_await reader->read();
    if (!piece) co_return std::unexpected(std::move(piece.error()).within(object.key));
    if (piece->empty()) break;
    AUTERITY_CO_CHECK(co_await data::run_blocking(
        storage.blocking(), [&]() -> Status { return append(out, *piece, file); }));
  }
  out.close();
  AUTERITY_CO_CHECK(append(out, "", file));
  // The services' user reads it, whatever our mask.
  std::error_code error;
  fs::permissions(file, fs::perms(0644), error);
  if (!error) co_return Status{};
  co_return not_prepared(file, error);
}

Async<Status> ScratchCluster::fetch_segment(BackupStorage& storage, BackupObject object,
                                            fs::path file) {
  AUTERITY_CO_CHECK(co_await fetch(storage, std::move(object), file));
  std::error_code error;
  fs::resize_file(file, data::kWalSegmentBytes, error);
  if (!error) co_return Status{};
  co_return not_prepared(file, error);
}

// What this machine lacks says nothing about the backup, and is found before it is begun.
Status ScratchCluster::check_means(std::uint64_t bytes) {
  for (const std::string_view name : {"pg_ctl", "pg_checksums"})
    if (!context_.files.exists(server_program(name)))
      return fail(ErrorKind::not_ready, server_program(name) + " is not there",
                  "install it: apt-get install postgresql-15");
  std::error_code error;
  const auto space = fs::space(context_.layout.state(), error);
  const std::uint64_t needed = bytes + kSpare;
  if (!error && space.available >= needed) return {};
  return fail(ErrorKind::storage_full,
              fmt::format("restoring the backup needs {} in {}, and {} are free", size_text(needed),
                          context_.layout.state().string(), size_text(error ? 0 : space.available)),
              "free space there: auterity release prune, or remove old logs");
}

std::string ScratchCluster::restore_command() const {
  return fmt::format("cp \"{}/wal/%f\" \"%p\"", folder_.string());
}

Async<Status> ScratchCluster::restore(BackupStorage& storage, BackupManifest manifest) {
  AUTERITY_CO_CHECK(check_means(manifest.size()));
  AUTERITY_CO_CHECK(co_await make_folders());
  RestoreRequest request{
      .source = {},
      .data_folder = data_folder(),
      .service_user = platform_.drops_privileges ? platform_.service_user : std::string(),
      .target = target_of(*manifest.database),
      .restore_command = restore_command()};
  for (const BackupObject& object : manifest.objects) {
    const auto segment = object.key.find(kSegment);
    if (object.key.ends_with(kArchive)) {
      request.source.archive_key = object.key;
      request.source.archive_sha256 = object.sha256;
    } else if (object.key.ends_with(kServerManifest)) {
      request.source.manifest_key = object.key;
      request.source.manifest_sha256 = object.sha256;
    } else if (segment != object.key.npos) {
      const auto file = folder_ / "wal" / object.key.substr(segment + kSegment.size());
      AUTERITY_CO_CHECK(co_await fetch_segment(storage, object, file));
    }
  }
  AUTERITY_CO_CHECK(co_await restore_cluster(storage.objects(), std::move(request)));
  co_return Status{};
}

// What ALTER SYSTEM set on the platform does not count here.
Status ScratchCluster::configure(std::string_view recovery) {
  for (const auto& [name, content] :
       std::initializer_list<std::pair<std::string_view, std::string>>{
           {"postgresql.conf", configuration(socket_, kPort)},
           {"postgresql.auto.conf", std::string(recovery)},
           // Only the services' user and root get into the socket's folder.
           {"pg_hba.conf", "local all all trust\n"}})
    AUTERITY_CHECK(of_this_machine(context_.files.write_atomically(data_folder() / name, content)));
  return {};
}

Async<Status> ScratchCluster::start(DatabasePart part) {
  AUTERITY_CO_TRY(recovery, with_recovery_settings("", target_of(part), restore_command()));
  AUTERITY_CO_CHECK(configure(recovery));
  co_return co_await boot();
}

Async<Status> ScratchCluster::boot() {
  const auto started = co_await control({"--log=" + log_file().string(), "start"});
  if (!started) co_return does_not_start(started.error().message);
  co_return co_await wait_until_recovered();
}

std::unexpected<Error> ScratchCluster::does_not_start(std::string_view why) {
  constexpr std::size_t kShown = 600;
  std::string log = context_.files.read(log_file()).value_or("");
  const ErrorKind kind = kind_of_failed_start(log);
  if (log.size() > kShown) log.erase(0, log.size() - kShown);
  return fail(kind, fmt::format("the restored copy does not start: {}: {}", why, log),
              kind == ErrorKind::failed
                  ? "use another backup, and take a new one: auterity backup database"
                  : "look at memory, disk and permissions of this machine, and verify again");
}

// One that was killed leaves its file behind.
bool ScratchCluster::is_running() {
  const auto text = context_.files.read(data_folder() / "postmaster.pid");
  return text && context_.files.exists("/proc/" + text->substr(0, text->find('\n')));
}

// pg_ctl answers once replaying has begun; connections are taken when it has ended.
Async<Status> ScratchCluster::wait_until_recovered() {
  const Duration limit = context_.clock.monotonic() + kLimit;
  while (is_running()) {
    ProcessRequest request{.arguments = {server_program("pg_isready"), "--quiet", "--host",
                                         socket_.string(), "--port", std::to_string(kPort)}};
    auto outcome = co_await context_.processes.run(std::move(request));
    if (!outcome) co_return std::unexpected(of_this_machine(std::move(outcome).error()));
    if (outcome->exit_code == 0) co_return Status{};
    if (context_.clock.monotonic() > limit)
      co_return fail(ErrorKind::timeout, "the restored copy did not recover in six hours",
                     "look whether this machine is overloaded, and verify again");
    co_await context_.clock.sleep(kBetweenLooks);
  }
  co_return does_not_start("it ended while it recovered");
}

Async<Status> ScratchCluster::stop() { return control({"--mode=fast", "stop"}); }

Async<Result<std::string>> ScratchCluster::check_pages() {
  AUTERITY_CO_TRY(outcome, co_await run({server_program("pg_checksums"), "--check", "--pgdata",
                                         data_folder().string()}));
  co_return judge_pages(outcome);
}

ErrorKind kind_of_refused_content(std::string_view error_output) {
  const auto says = [&](std::string_view text) { return error_output.find(text) != text.npos; };
  constexpr std::array<std::string_view, 2> kFull{"No space left on device", "Disk quota exceeded"};
  constexpr std::array<std::string_view, 9> kMachine{
      "Cannot allocate memory", "out of memory",          "out of shared memory",
      "Permission denied",      "Too many open files",    "Input/output error",
      "terminated by signal 9", "could not load library", "Unix-domain socket"};
  if (std::ranges::any_of(kFull, says)) return ErrorKind::storage_full;
  if (std::ranges::any_of(kMachine, says)) return ErrorKind::unavailable;
  return ErrorKind::failed;
}

ErrorKind kind_of_failed_start(std::string_view server_log) {
  const ErrorKind kind = kind_of_refused_content(server_log);
  const auto says = [&](std::string_view text) { return server_log.find(text) != text.npos; };
  if (kind != ErrorKind::failed || says("FATAL: ") || says("PANIC: ")) return kind;
  return ErrorKind::unavailable;
}

Result<std::string> judge_pages(const ProcessOutcome& outcome) {
  constexpr std::string_view kBad = "Bad checksums:";
  std::string line;
  for (const std::string_view wanted : {std::string_view("Blocks scanned:"), kBad}) {
    const auto at = outcome.output.find(wanted);
    if (at == outcome.output.npos) continue;
    std::string found = outcome.output.substr(at, outcome.output.find('\n', at) - at);
    found.erase(wanted.size(), found.find_first_not_of(' ', wanted.size()) - wanted.size() - 1);
    line += (line.empty() ? "" : ", ") + found;
  }
  if (outcome.exit_code == 0) return line;
  if (line.find(kBad) != line.npos)
    return fail(ErrorKind::failed, "pages differ from their checksums: " + line,
                "use another backup, and take a new one: auterity backup database");
  return fail(
      ErrorKind::unavailable,
      fmt::format("pg_checksums ended with {}: {}", outcome.exit_code, outcome.error_output),
      "look at memory, disk and permissions of this machine, and verify again");
}

}  // namespace auterity::operations::backup
