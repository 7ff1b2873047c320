#include "restored_log.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "core/disk_files.h"
#include "harness/event_loop.h"
#include "harness/program.h"
#include "harness/server_process.h"
#include "operations/backup/backup_key.h"
#include "operations/backup/restore_cluster.h"
#include "operations/backup/wal_archive.h"
#include "operations/backup/wal_feed.h"
#include "operations/backup/wal_fetch_process.h"

namespace auterity::end_to_end {
namespace {

namespace fs = std::filesystem;
namespace backup = operations::backup;

template <typename T>
T needed(Result<T> result, std::string_view what) {
  if (!result) throw std::runtime_error(fmt::format("{}: {}", what, result.error().message));
  return std::move(*result);
}

// Stamps begin with their time.
std::string newest(const fs::path& folder, std::string_view end) {
  std::string found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (const std::string name = entry.path().filename(); name.ends_with(end))
      found = std::max(found, name);
  if (found.empty()) throw std::runtime_error("no base backup in " + folder.string());
  return found;
}

class RestoredServer {
 public:
  RestoredServer() {
    struct stat facts{};
    ::stat(process_.folder().c_str(), &facts);
    if (facts.st_uid != ::geteuid()) owner_ = {facts.st_uid, facts.st_gid};
  }

  const fs::path& folder() const { return process_.folder(); }
  fs::path data() const { return folder() / "data"; }
  const std::optional<backup::FileOwner>& owner() const { return owner_; }
  std::string user() const { return owner_ ? ::getpwuid(owner_->user)->pw_name : ""; }

  void start() {
    // The platform knows its superuser by the operating system's user.
    const fs::path access = folder() / "access";
    std::ofstream(access) << "local all all trust\n";
    process_.hand_to_server(access);
    const auto postgres =
        harness::ServerProcess::find_program("postgres", {"/usr/lib/postgresql/15/bin"});
    process_.start({{postgres.value(), "-D", data().string(), "-c", "listen_addresses=", "-c",
                     "unix_socket_directories=" + folder().string(), "-c", "port=5432", "-c",
                     "hba_file=" + access.string(), "-c", "max_connections=200", "-c", "fsync=off"},
                    {},
                    {}});
  }
  std::string ask(const std::string& query) const {
    const auto url = fmt::format(
        "postgresql://postgres@/auterity?host={}&port=5432&application_"
        "name=restored",
        folder().string());
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()),
                                                                  PQfinish);
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(connection.get(), query.c_str()), PQclear);
    if (PQntuples(result.get()) == 0) throw std::runtime_error(PQerrorMessage(connection.get()));
    return PQgetvalue(result.get(), 0, 0);
  }

 private:
  harness::ServerProcess process_{"restored"};
  std::optional<backup::FileOwner> owner_;
};

}  // namespace

std::string ask_restored(const fs::path& location, const fs::path& key_file,
                         const std::string& query) {
  DiskFiles files;
  harness::EventLoop loop;
  boost::asio::thread_pool blocking(2);
  boost::asio::thread_pool feeding(1);  // the feed answers while we wait for PostgreSQL
  const auto store = data::open_folder_object_store(location.string(), blocking.get_executor());
  data::SealedObjects objects(*store, blocking.get_executor(),
                              needed(operations::load_backup_key(files, key_file), "the key"));
  const std::string base = newest(location / "database", ".base.tar.zst");
  const std::string manifest = newest(location / "database", ".backup_manifest.json");
  backup::WalArchive archive(objects, fs::directory_iterator(location / "wal")->path().filename());
  RestoredServer server;
  const fs::path socket = server.folder() / "wal.sock";
  auto feed = needed(backup::WalFeed::open(feeding.get_executor(), archive, socket, server.owner()),
                     "the feed");
  boost::asio::co_spawn(feeding, feed->serve(), [](std::exception_ptr) {});
  needed(loop.run(backup::restore_cluster(
             objects,
             {.source = {"database/" + base, "", "database/" + manifest, ""},
              .data_folder = server.data(),
              .service_user = server.user(),
              .target = {},
              .restore_command = backup::wal_fetch_command(harness::program_path(), socket)})),
         "restoring");
  std::string answer;
  try {
    server.start();
    // It may answer as a standby first, while it still replays.
    while (server.ask("SELECT pg_is_in_recovery()") == "t") {
    }
    answer = server.ask(query);
  } catch (...) {
    feeding.stop();
    feeding.join();
    throw;
  }
  feeding.stop();
  feeding.join();
  if (feed->failure()) throw std::runtime_error(feed->failure()->message);
  return answer;
}

}  // namespace auterity::end_to_end
