#pragma once
// The libpq connection under Replication: commands, results and copy data without blocking the
// event loop. Internal to replication.cpp, base_backup.cpp and wal_stream.cpp.
#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/log.h"
#include "data/postgres/connect_parameters.h"
#include "data/postgres/lsn.h"

struct pg_conn;
struct pg_result;

namespace auterity::data {

struct ClearResult {
  void operator()(pg_result* result) const;
};
using ResultHandle = std::unique_ptr<pg_result, ClearResult>;

// One message of a copy, in libpq's memory.
class CopyMessage {
 public:
  CopyMessage(char* bytes, std::size_t size) : bytes_(bytes), size_(size) {}
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  struct Free {
    void operator()(char* bytes) const;
  };
  std::unique_ptr<char, Free> bytes_;
  std::size_t size_;
};

class ReplicationLink {
 public:
  static Async<Result<std::unique_ptr<ReplicationLink>>> open(Executor executor, Clock& clock,
                                                              Log& log,
                                                              ConnectParameters parameters);
  ReplicationLink(Executor executor, Clock& clock, Log& log, pg_conn* handle);
  ReplicationLink(const ReplicationLink&) = delete;
  ReplicationLink& operator=(const ReplicationLink&) = delete;
  ~ReplicationLink();

  // `name` is what errors call the command.
  Async<Status> send(std::string command, std::string name);
  // The next result of the command; a null handle after the last one. A failed command is an error.
  Async<Result<ResultHandle>> next_result();
  // The only result, with at least one row.
  Async<Result<ResultHandle>> only_row(std::string command, std::string name);
  // No rows wanted.
  Async<Status> run(std::string command, std::string name);

  enum class CopyState { message, waiting, ended };
  struct Copy {
    CopyState state = CopyState::waiting;
    std::optional<CopyMessage> message;
  };
  // The next message of the copy; `waiting` when none came before `limit` (nullopt: waits on).
  Async<Result<Copy>> next_copy(std::optional<Duration> limit);
  Async<Status> put_copy(std::string message);
  Async<Status> end_copy();

  Clock& clock() { return clock_; }
  // The position up to which the caller has everything stored; repeated to a server that asks.
  Lsn confirmed;

 private:
  Async<Status> finish_connecting();
  Async<void> wait_while_connecting(bool readable);
  Async<Status> flush();
  // Answers false when the limit passed first.
  Async<bool> wait(bool writable, std::optional<Duration> limit);
  Error lost();

  pg_conn* handle_;
  boost::asio::posix::stream_descriptor socket_;
  Clock& clock_;
  std::string command_ = "connect";
};

std::string_view text_of(const ResultHandle& result, int column);
// unavailable, naming `what`, when the text is no position: the server speaks another protocol.
Result<Lsn> lsn_of(const ResultHandle& result, int column, std::string_view what);
Result<Timeline> timeline_of(const ResultHandle& result, int column, std::string_view what);
// 'text', quotes doubled.
std::string quoted_literal(std::string_view text);
// Names of slots: lower-case letters, digits, underscores, at most 63.
Status check_slot_name(std::string_view name);

}  // namespace auterity::data
