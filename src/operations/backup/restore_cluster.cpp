#include "operations/backup/restore_cluster.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include "core/disk_files.h"
#include "data/run_blocking.h"

namespace auterity::operations::backup {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

constexpr std::size_t kMaxManifestBytes = 1u << 30;
constexpr int kBufferBytes = 1 << 20;

Result<std::optional<FileOwner>> owner_named(const std::string& user) {
  if (user.empty()) return std::nullopt;
  const passwd* entry = ::getpwnam(user.c_str());
  if (entry == nullptr)
    return fail(ErrorKind::not_ready, fmt::format("there is no user named {}", user),
                "create the user first");
  if (entry->pw_uid == ::geteuid()) return std::nullopt;
  return FileOwner{entry->pw_uid, entry->pw_gid};
}

Status prepare_folder(const fs::path& folder, const std::optional<FileOwner>& owner) {
  std::error_code error;
  fs::create_directory(folder, error);
  const bool is_empty = !error && fs::is_empty(folder, error);
  if (error)
    return fail(ErrorKind::unavailable,
                fmt::format("making {}: {}", folder.string(), error.message()),
                "check the disk that is restored to");
  if (!is_empty)
    return fail(ErrorKind::conflict, fmt::format("{} is not empty", folder.string()),
                "restore to another folder, or move away what is there");
  if (::chmod(folder.c_str(), 0700) != 0 ||
      (owner && ::chown(folder.c_str(), owner->user, owner->group) != 0))
    return fail(ErrorKind::forbidden,
                fmt::format("{} cannot be given to PostgreSQL's user", folder.string()),
                "restore as root, or as the owner of the folder");
  return {};
}

using Socket = asio::local::stream_protocol::socket;

// A pair of sockets and not a pipe: writing to one whose reader is gone is an error, and no signal.
// The reading end belongs to the thread that unpacks, the writing end to the event loop.
struct Channel {
  Socket write_end;
  int read_end = -1;
};

Result<Channel> make_channel(const Executor& executor) {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fail(ErrorKind::unavailable, "no pair of sockets can be made",
                "raise the limit of open files");
  Channel channel{Socket(executor, asio::local::stream_protocol(), ends[1]), ends[0]};
  boost::system::error_code ignored;  // a smaller buffer is no harm
  channel.write_end.set_option(asio::socket_base::send_buffer_size(kBufferBytes), ignored);
  return channel;
}

// Closes its end however it ends, which is what ends the other side.
Async<Status> feed(data::SealedObjects& objects, BaseBackupSource source, Socket to) {
  AUTERITY_CO_TRY(reader, co_await objects.open_reader(source.archive_key, source.archive_sha256));
  for (;;) {
    AUTERITY_CO_TRY(piece, co_await reader->read());
    if (piece.empty()) co_return Status{};
    boost::system::error_code error;
    co_await asio::async_write(to, asio::buffer(piece),
                               asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
    // The other side stopped, and says why.
    if (error) co_return Status{};
  }
}

Async<Result<UnpackedCluster>> unpack(Executor thread, int archive, fs::path folder,
                                      const ServerManifest& manifest,
                                      std::optional<FileOwner> owner) {
  co_return co_await data::run_blocking(thread, [&] {
    auto unpacked = unpack_cluster(archive, folder, manifest, owner);
    ::close(archive);
    return unpacked;
  });
}

Status tell_recovery(const RestoreRequest& request, const std::optional<FileOwner>& owner) {
  DiskFiles disk;
  Files& files = disk;
  const fs::path settings = request.data_folder / "postgresql.auto.conf";
  const fs::path signal = request.data_folder / "recovery.signal";
  AUTERITY_TRY(before, files.read(settings));
  AUTERITY_TRY(text, with_recovery_settings(before, request.target, request.restore_command));
  AUTERITY_CHECK(files.write_atomically(settings, text, 0600));
  AUTERITY_CHECK(files.write_atomically(signal, "", 0600));
  for (const fs::path& file : {settings, signal})
    if (owner && ::chown(file.c_str(), owner->user, owner->group) != 0)
      return fail(ErrorKind::forbidden,
                  fmt::format("{} cannot be given to PostgreSQL's user", file.string()),
                  "restore as root");
  return {};
}

}  // namespace

Status set_recovery(const RestoreRequest& request) {
  AUTERITY_TRY(owner, owner_named(request.service_user));
  return tell_recovery(request, owner);
}

Async<Result<UnpackedCluster>> restore_cluster(data::SealedObjects& objects,
                                               RestoreRequest request) {
  AUTERITY_CO_TRY(owner, owner_named(request.service_user));
  auto manifest_reader =
      co_await objects.open_reader(request.source.manifest_key, request.source.manifest_sha256);
  if (!manifest_reader) co_return std::unexpected(std::move(manifest_reader.error()));
  std::string manifest_text;
  for (;;) {
    AUTERITY_CO_TRY(piece, co_await (*manifest_reader)->read());
    if (piece.empty()) break;
    manifest_text += piece;
    if (manifest_text.size() > kMaxManifestBytes)
      co_return fail(ErrorKind::too_large, "the server's manifest of the base backup is too large",
                     "restore from another backup");
  }
  AUTERITY_CO_TRY(manifest, parse_server_manifest(manifest_text));
  AUTERITY_CO_CHECK(prepare_folder(request.data_folder, owner));
  const auto executor = co_await asio::this_coro::executor;
  AUTERITY_CO_TRY(channel, make_channel(executor));
  asio::thread_pool thread(1);
  // Both end by themselves: the one when its source or its reader does, the other at the end of
  // what it is fed. A cancellation reaches the feeding alone.
  auto [order, feed_error, fed, unpack_error, unpacked] =
      co_await asio::experimental::make_parallel_group(
          asio::co_spawn(executor, feed(objects, request.source, std::move(channel.write_end)),
                         asio::deferred),
          asio::co_spawn(
              executor,
              unpack(thread.get_executor(), channel.read_end, request.data_folder, manifest, owner),
              asio::deferred))
          .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  if (feed_error) std::rethrow_exception(feed_error);
  if (unpack_error) std::rethrow_exception(unpack_error);
  // Why nothing more came tells more than that it ended too early.
  if (!fed) co_return std::unexpected(std::move(fed.error()));
  if (!unpacked) co_return std::unexpected(std::move(unpacked.error()));
  AUTERITY_CO_CHECK(tell_recovery(request, owner));
  co_return *unpacked;
}

}  // namespace auterity::operations::backup
