#include "operations/backup/wal_feed.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include "data/postgres/lsn.h"
#include "operations/backup/wal_fetch_process.h"

namespace auterity::operations::backup {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kLongestName = 64;

// Where the segment after this one begins.
std::optional<std::string> next_segment(const std::string& name) {
  const auto position = data::parse_segment_name(name);
  if (!position) return std::nullopt;
  return data::segment_name(position->timeline, position->start + data::kWalSegmentBytes);
}

}  // namespace

WalFeed::WalFeed(LogSource& source, std::filesystem::path socket, Protocol::acceptor acceptor)
    : source_(source), socket_(std::move(socket)), acceptor_(std::move(acceptor)) {}

WalFeed::~WalFeed() { ::unlink(socket_.c_str()); }

Result<std::unique_ptr<WalFeed>> WalFeed::open(Executor executor, LogSource& source,
                                               std::filesystem::path socket,
                                               std::optional<FileOwner> owner) {
  Protocol::acceptor acceptor(executor);
  boost::system::error_code error;
  ::unlink(socket.c_str());
  acceptor.open(Protocol(), error);
  if (!error) acceptor.bind(Protocol::endpoint(socket.string()), error);
  if (!error && (::chmod(socket.c_str(), 0600) != 0 ||
                 (owner && ::chown(socket.c_str(), owner->user, owner->group) != 0)))
    error = boost::system::error_code(errno, boost::system::system_category());
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error)
    return fail(ErrorKind::unavailable,
                fmt::format("listening on {}: {}", socket.string(), error.message()),
                "check the folder of the socket");
  return std::unique_ptr<WalFeed>(new WalFeed(source, std::move(socket), std::move(acceptor)));
}

Async<void> WalFeed::serve() {
  for (;;) {
    auto client = co_await acceptor_.async_accept(asio::use_awaitable);
    co_await answer(client);
  }
}

Async<void> WalFeed::answer(Protocol::socket& client) {
  std::string name;
  boost::system::error_code error;
  const auto size =
      co_await asio::async_read_until(client, asio::dynamic_buffer(name, kLongestName), '\n',
                                      asio::redirect_error(asio::use_awaitable, error));
  if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
  if (error) co_return;
  name.resize(size - 1);
  const auto found = co_await fetch(name);
  std::string reply;
  if (found) {
    reply = fmt::format("{} {}\n", kFeedFound, found->size()) + *found;
  } else if (found.error().kind == ErrorKind::not_found) {
    reply = fmt::format("{}\n", kFeedAbsent);
  } else {
    failure_ = found.error();
    reply = fmt::format("{} {}\n", kFeedFailed, found.error().message);
  }
  co_await asio::async_write(client, asio::buffer(reply),
                             asio::redirect_error(asio::use_awaitable, error));
  if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
  client.close(error);
  if (!found) co_return;
  ++handed_out_;
  if (auto next = next_segment(name)) co_await fetch_ahead(std::move(*next));
}

Async<Result<std::string>> WalFeed::fetch(std::string name) {
  if (name == ahead_name_ && !ahead_.empty()) {
    ahead_name_.clear();
    co_return std::exchange(ahead_, {});
  }
  co_return co_await source_.fetch(std::move(name));
}

// What fails here is asked for again when its turn has come, and told then.
Async<void> WalFeed::fetch_ahead(std::string name) {
  auto found = co_await source_.fetch(name);
  ahead_name_ = found ? std::move(name) : std::string();
  ahead_ = found ? std::move(*found) : std::string();
}

}  // namespace auterity::operations::backup
