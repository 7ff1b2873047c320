#pragma once
// Hands the archived log to a PostgreSQL that recovers. The archive is opened by whoever runs the
// recovery, and PostgreSQL's restore_command, which runs as another user, gets the key of nothing:
// it asks over a unix socket (wal_fetch_process.h). The next segment is fetched while PostgreSQL
// replays the one before.
#include <boost/asio/local/stream_protocol.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "core/async.h"
#include "core/error.h"
#include "operations/backup/cluster_archive.h"
#include "operations/backup/log_source.h"

namespace auterity::operations::backup {

class WalFeed {
 public:
  // Listens; `owner` alone may connect (absent: ourselves). The path is at most 107 bytes long.
  static Result<std::unique_ptr<WalFeed>> open(Executor executor, LogSource& source,
                                               std::filesystem::path socket,
                                               std::optional<FileOwner> owner);
  ~WalFeed();

  // Answers one request after the other; ends by cancellation alone.
  Async<void> serve();

  // Why a segment that is there could not be handed out: recovery stops then, and this is the
  // reason.
  const std::optional<Error>& failure() const { return failure_; }
  std::uint64_t handed_out() const { return handed_out_; }

 private:
  using Protocol = boost::asio::local::stream_protocol;
  WalFeed(LogSource& source, std::filesystem::path socket, Protocol::acceptor acceptor);
  Async<void> answer(Protocol::socket& client);
  Async<Result<std::string>> fetch(std::string name);
  Async<void> fetch_ahead(std::string name);

  LogSource& source_;
  std::filesystem::path socket_;
  Protocol::acceptor acceptor_;
  std::optional<Error> failure_;
  std::uint64_t handed_out_ = 0;
  std::string ahead_name_, ahead_;  // of what is asked for next, probably
};

}  // namespace auterity::operations::backup
