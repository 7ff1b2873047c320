#include "operations/backup/scratch_cluster.h"

#include <fmt/format.h>

#include <fstream>

#include "data/postgres/lsn.h"
#include "data/run_blocking.h"
#include "operations/process_call.h"
#include "operations/release/releases.h"

namespace auterity::operations::backup {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBinaries = "/usr/lib/postgresql/15/bin/";
constexpr auto kLimit = std::chrono::hours(6);
constexpr std::uint64_t kSpare = 256u << 20;  // log that recovery writes, and sorting
constexpr auto kBetweenLooks = std::chrono::milliseconds(50);
constexpr int kPort = 5432;  // names the socket; nothing listens on a network
constexpr std::string_view kArchive = ".base.tar.zst";
constexpr std::string_view kServerManifest = ".backup_manifest.json";
constexpr std::string_view kSegment = ".wal.";

std::string binary(std::string_view name) { return std::string(kBinaries) + std::string(name); }

// Enough to replay and to be asked; nothing that reaches outside.
std::string configuration(const DatabasePart& part, const fs::path& folder,
                          const fs::path& socket) {
  const std::string target = part.proof == data::Lsn()
                                 ? "recovery_target = 'immediate'\n"
                                 : fmt::format("recovery_target_name = '{}'\n", part.restore_point);
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
      "restore_command = 'cp \"{}/wal/%f\" \"%p\"'\n"
      "recovery_target_action = 'promote'\n"
      "recovery_target_timeline = 'current'\n"
      "{}",
      socket.string(), kPort, folder.string(), target);
}

Status append(std::ofstream& out, std::string_view bytes, const fs::path& file) {
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (out) return {};
  return fail(ErrorKind::storage_full, fmt::format("{} cannot be written", file.string()),
              "free space on the disk that holds the platform's state");
}

}  // namespace

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
Async<Result<std::string>> ScratchCluster::run(std::vector<std::string> arguments) {
  std::vector<std::string> whole{"nice", "-n", "19", "ionice", "-c", "3"};
  whole.insert(whole.end(), arguments.begin(), arguments.end());
  ProcessRequest request{.arguments = std::move(whole),
                         .environment = {{"LC_ALL", "C.UTF-8"}, {"PATH", "/usr/bin:/bin"}},
                         .clean_environment = true,
                         .working_directory = "/",
                         .timeout = kLimit};
  if (platform_.drops_privileges) request.run_as = platform_.service_user;
  co_return co_await call(context_.processes, std::move(request));
}

Async<Status> ScratchCluster::control(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {binary("pg_ctl"), "--pgdata", (folder_ / "data").string(),
                                       "--wait", "--timeout=20000", "--silent"});
  AUTERITY_CO_CHECK(co_await run(std::move(arguments)));
  co_return Status{};
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
  for (const fs::path& path : {folder_, folder_ / "data", folder_ / "wal", socket_})
    arguments.push_back(path.string());
  co_return co_await call(context_.processes, std::move(arguments));
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
  co_return append(out, "", file);
}

// What this machine lacks says nothing about the backup, and is found before it is begun.
Status ScratchCluster::check_means(const BackupManifest& manifest) {
  for (const std::string_view name : {"pg_ctl", "pg_checksums", "pg_verifybackup"})
    if (!context_.files.exists(binary(name)))
      return fail(ErrorKind::not_ready, binary(name) + " is not there",
                  "install it: apt-get install postgresql-15");
  std::error_code error;
  const auto space = fs::space(context_.layout.state(), error);
  const std::uint64_t needed = manifest.size() + manifest.stored_size() + kSpare;
  if (!error && space.available >= needed) return {};
  return fail(ErrorKind::storage_full,
              fmt::format("restoring the backup needs {} in {}, and {} are free", size_text(needed),
                          context_.layout.state().string(), size_text(error ? 0 : space.available)),
              "free space there: auterity release prune, or remove old logs");
}

Async<Status> ScratchCluster::restore(BackupStorage& storage, BackupManifest manifest) {
  AUTERITY_CO_CHECK(check_means(manifest));
  AUTERITY_CO_CHECK(co_await make_folders());
  const fs::path data = folder_ / "data";
  const fs::path archive = folder_ / "base.tar.zst";
  for (const BackupObject& object : manifest.objects) {
    const auto segment = object.key.find(kSegment);
    if (object.key.ends_with(kArchive)) {
      AUTERITY_CO_CHECK(co_await fetch(storage, object, archive));
      AUTERITY_CO_CHECK(
          co_await run({"tar", "--zstd", "-xf", archive.string(), "-C", data.string()}));
      AUTERITY_CO_CHECK(context_.files.remove_tree(archive));
    } else if (segment != object.key.npos) {
      const auto file = folder_ / "wal" / object.key.substr(segment + kSegment.size());
      AUTERITY_CO_CHECK(co_await fetch(storage, object, file));
      std::error_code error;
      fs::resize_file(file, data::kWalSegmentBytes, error);
    } else if (object.key.ends_with(kServerManifest)) {
      AUTERITY_CO_CHECK(co_await fetch(storage, object, data / "backup_manifest"));
    }
  }
  // The log is replayed below; parsing it here would only say the same.
  AUTERITY_CO_CHECK(
      co_await run({binary("pg_verifybackup"), "--no-parse-wal", "--quiet", data.string()}));
  co_return Status{};
}

Status ScratchCluster::configure(const DatabasePart& part) {
  const fs::path data = folder_ / "data";
  for (const auto& [name, content] :
       std::initializer_list<std::pair<std::string_view, std::string>>{
           {"postgresql.conf", configuration(part, folder_, socket_)},
           {"postgresql.auto.conf", ""},
           // Only the services' user and root get into the socket's folder.
           {"pg_hba.conf", "local all postgres trust\n"},
           {"recovery.signal", ""}})
    AUTERITY_CHECK(context_.files.write_atomically(data / name, content));
  return {};
}

Async<Status> ScratchCluster::start(DatabasePart part) {
  AUTERITY_CO_CHECK(configure(part));
  const auto started = co_await control({"--log=" + log_file().string(), "start"});
  if (!started) co_return does_not_start();
  co_return co_await wait_until_recovered();
}

fs::path ScratchCluster::log_file() const { return folder_ / "server.log"; }

std::unexpected<Error> ScratchCluster::does_not_start() {
  constexpr std::size_t kShown = 600;
  std::string tail = context_.files.read(log_file()).value_or("it left no log");
  if (tail.size() > kShown) tail.erase(0, tail.size() - kShown);
  return fail(ErrorKind::failed, fmt::format("the restored copy does not start: {}", tail),
              "use another backup, and take a new one: auterity backup database");
}

// pg_ctl answers once replaying has begun; connections are taken when it has ended.
Async<Status> ScratchCluster::wait_until_recovered() {
  const Duration limit = context_.clock.monotonic() + kLimit;
  while (context_.files.exists(folder_ / "data/postmaster.pid")) {
    ProcessRequest request{.arguments = {binary("pg_isready"), "--quiet", "--host",
                                         socket_.string(), "--port", std::to_string(kPort)}};
    AUTERITY_CO_TRY(outcome, co_await context_.processes.run(std::move(request)));
    if (outcome.exit_code == 0) co_return Status{};
    if (context_.clock.monotonic() > limit)
      co_return fail(ErrorKind::timeout, "the restored copy did not recover in six hours",
                     "look whether this machine is overloaded, and verify again");
    co_await context_.clock.sleep(kBetweenLooks);
  }
  co_return does_not_start();
}

Async<Status> ScratchCluster::stop() { return control({"--mode=fast", "stop"}); }

Async<Result<std::string>> ScratchCluster::check_pages() {
  AUTERITY_CO_TRY(said, co_await run({binary("pg_checksums"), "--check", "--pgdata",
                                      (folder_ / "data").string()}));
  std::string line;
  for (const std::string_view wanted : {"Blocks scanned:", "Bad checksums:"}) {
    const auto at = said.find(wanted);
    if (at == said.npos) continue;
    std::string found = said.substr(at, said.find('\n', at) - at);
    found.erase(wanted.size(), found.find_first_not_of(' ', wanted.size()) - wanted.size() - 1);
    line += (line.empty() ? "" : ", ") + found;
  }
  co_return line;
}

}  // namespace auterity::operations::backup
