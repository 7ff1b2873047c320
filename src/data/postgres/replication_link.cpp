#include "data/postgres/replication_link.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <charconv>

#include "data/postgres/sql_errors.h"

namespace auterity::data {
namespace asio = boost::asio;
namespace {

using Descriptor = asio::posix::stream_descriptor;

// What these conditions mean for replication commands; the rest is in sql_errors.cpp.
struct ReplicationCondition {
  std::string_view sqlstate;
  ErrorKind kind;
  std::string_view hint;
};
constexpr std::array kConditions{
    ReplicationCondition{"55006", ErrorKind::conflict, "end the other client of the slot first"},
    ReplicationCondition{"42710", ErrorKind::conflict, "use the slot that is there"},
    ReplicationCondition{"42704", ErrorKind::not_found, "create the slot first"},
    ReplicationCondition{"58P01", ErrorKind::not_found,
                         "the server has removed that part of its log: take a new base backup"},
    ReplicationCondition{"55000", ErrorKind::not_found,
                         "the server keeps that part of its log no longer: take a new base backup"},
    ReplicationCondition{"42501", ErrorKind::forbidden,
                         "connect as a superuser, or grant the role REPLICATION"},
};

Error command_error(const PGresult* result, const std::string& command) {
  auto error = statement_error(result, command);
  const char* code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  for (const auto& condition : kConditions) {
    if (!code || condition.sqlstate != code) continue;
    error.kind = condition.kind;
    error.hint = condition.hint;
  }
  return error;
}

}  // namespace

void ClearResult::operator()(pg_result* result) const { PQclear(result); }
void CopyMessage::Free::operator()(char* bytes) const { PQfreemem(bytes); }

ReplicationLink::ReplicationLink(Executor executor, Clock& clock, Log& log, pg_conn* handle)
    : handle_(handle), socket_(std::move(executor)), clock_(clock) {
  const auto on_notice = [](void* receiver, const PGresult* notice) {
    const char* message = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
    static_cast<Log*>(receiver)->debug("replication", message ? message : "notice without text");
  };
  if (handle_) PQsetNoticeReceiver(handle_, on_notice, &log);
}

ReplicationLink::~ReplicationLink() {
  if (socket_.is_open()) socket_.release();  // libpq closes it
  PQfinish(handle_);
}

Async<Result<std::unique_ptr<ReplicationLink>>> ReplicationLink::open(
    Executor executor, Clock& clock, Log& log, ConnectParameters parameters) {
  const auto arrays = parameters.arrays();
  auto link = std::make_unique<ReplicationLink>(
      executor, clock, log, PQconnectStartParams(arrays.keywords.data(), arrays.values.data(), 0));
  if (!link->handle_) {
    co_return fail(ErrorKind::internal, "out of memory for a database connection",
                   "give the process more memory");
  }
  AUTERITY_CO_CHECK(co_await link->finish_connecting());
  co_return link;
}

Async<Status> ReplicationLink::finish_connecting() {
  if (PQstatus(handle_) == CONNECTION_BAD) co_return std::unexpected(connect_error(handle_));
  for (auto next = PGRES_POLLING_WRITING; next != PGRES_POLLING_OK; next = PQconnectPoll(handle_)) {
    if (next == PGRES_POLLING_FAILED) co_return std::unexpected(connect_error(handle_));
    co_await wait_while_connecting(next == PGRES_POLLING_READING);
  }
  if (PQsetnonblocking(handle_, 1) != 0) co_return std::unexpected(connect_error(handle_));
  socket_.assign(PQsocket(handle_));
  co_return Status{};
}

// libpq may go from one socket to another meanwhile, so that each wait registers anew.
Async<void> ReplicationLink::wait_while_connecting(bool readable) {
  socket_.assign(PQsocket(handle_));
  boost::system::error_code error;
  co_await socket_.async_wait(readable ? Descriptor::wait_read : Descriptor::wait_write,
                              asio::redirect_error(asio::use_awaitable, error));
  socket_.release();
  if (error) throw boost::system::system_error(error);
}

Async<bool> ReplicationLink::wait(bool writable, std::optional<Duration> limit) {
  boost::system::error_code error;
  if (limit) {
    const auto executor = co_await asio::this_coro::executor;
    const auto [order, read_error, sleep_error] =
        co_await asio::experimental::make_parallel_group(
            socket_.async_wait(Descriptor::wait_read, asio::deferred),
            asio::co_spawn(executor, clock_.sleep(*limit), asio::deferred))
            .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
      throw boost::system::system_error(asio::error::operation_aborted);
    if (order[0] != 0 && read_error) co_return false;
    error = read_error;
  } else if (writable) {
    // Reading, too: a server that cannot get rid of its answers stops taking requests in.
    const auto [order, read_error, write_error] =
        co_await asio::experimental::make_parallel_group(
            socket_.async_wait(Descriptor::wait_read, asio::deferred),
            socket_.async_wait(Descriptor::wait_write, asio::deferred))
            .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    error = order[0] == 0 ? read_error : write_error;
  } else {
    co_await socket_.async_wait(Descriptor::wait_read,
                                asio::redirect_error(asio::use_awaitable, error));
  }
  if (error) throw boost::system::system_error(error);
  co_return true;
}

Async<Status> ReplicationLink::flush() {
  for (;;) {
    const int unsent = PQflush(handle_);
    if (unsent < 0) co_return std::unexpected(lost());
    if (unsent == 0) co_return Status{};
    co_await wait(true, std::nullopt);
    if (PQconsumeInput(handle_) != 1) co_return std::unexpected(lost());
  }
}

Async<Status> ReplicationLink::send(std::string command, std::string name) {
  command_ = std::move(name);
  if (PQsendQuery(handle_, command.c_str()) != 1) co_return std::unexpected(lost());
  co_return co_await flush();
}

Async<Result<ResultHandle>> ReplicationLink::next_result() {
  std::optional<Error> error;
  for (;;) {
    while (PQisBusy(handle_)) {
      co_await wait(false, std::nullopt);
      if (PQconsumeInput(handle_) != 1) co_return std::unexpected(error.value_or(lost()));
    }
    ResultHandle result(PQgetResult(handle_));
    if (!result && error) co_return std::unexpected(std::move(*error));
    if (!result && PQstatus(handle_) == CONNECTION_BAD) co_return std::unexpected(lost());
    if (!result || PQresultStatus(result.get()) != PGRES_FATAL_ERROR) co_return result;
    // An error without a code is libpq's own: the connection is gone. What follows a failed
    // command is read away, so that the connection can take the next one.
    const bool from_server = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE) != nullptr;
    if (!error) error = from_server ? command_error(result.get(), command_) : lost();
  }
}

Async<Result<ResultHandle>> ReplicationLink::only_row(std::string command, std::string name) {
  AUTERITY_CO_CHECK(co_await send(std::move(command), std::move(name)));
  ResultHandle only;
  for (;;) {
    AUTERITY_CO_TRY(result, co_await next_result());
    if (!result) break;
    if (PQresultStatus(result.get()) == PGRES_TUPLES_OK) only = std::move(result);
  }
  if (!only || PQntuples(only.get()) == 0) {
    co_return fail(ErrorKind::unavailable, command_ + " had no answer",
                   "check that the server is PostgreSQL 15");
  }
  co_return only;
}

Async<Status> ReplicationLink::run(std::string command, std::string name) {
  AUTERITY_CO_CHECK(co_await send(std::move(command), std::move(name)));
  for (;;) {
    AUTERITY_CO_TRY(result, co_await next_result());
    if (!result) co_return Status{};
  }
}

Async<Result<ReplicationLink::Copy>> ReplicationLink::next_copy(std::optional<Duration> limit) {
  for (;;) {
    char* bytes = nullptr;
    const int size = PQgetCopyData(handle_, &bytes, 1);
    if (size > 0)
      co_return Copy{CopyState::message, CopyMessage(bytes, static_cast<std::size_t>(size))};
    if (size == -1) co_return Copy{CopyState::ended, {}};
    if (size < 0) co_return std::unexpected(lost());
    if (!co_await wait(false, limit)) co_return Copy{CopyState::waiting, {}};
    if (PQconsumeInput(handle_) != 1) co_return std::unexpected(lost());
  }
}

Async<Status> ReplicationLink::put_copy(std::string message) {
  if (PQputCopyData(handle_, message.data(), static_cast<int>(message.size())) != 1)
    co_return std::unexpected(lost());
  co_return co_await flush();
}

Async<Status> ReplicationLink::end_copy() {
  if (PQputCopyEnd(handle_, nullptr) != 1) co_return std::unexpected(lost());
  co_return co_await flush();
}

Error ReplicationLink::lost() {
  return Error{ErrorKind::unavailable,
               fmt::format("the connection to the database broke during {}: {}", command_,
                           without_server_address(PQerrorMessage(handle_))),
               "check that PostgreSQL runs, then try again"};
}

std::string_view text_of(const ResultHandle& result, int column) {
  if (column >= PQnfields(result.get()) || PQntuples(result.get()) == 0) return {};
  return {PQgetvalue(result.get(), 0, column),
          static_cast<std::size_t>(PQgetlength(result.get(), 0, column))};
}

Result<Lsn> lsn_of(const ResultHandle& result, int column, std::string_view what) {
  const auto lsn = Lsn::parse(text_of(result, column));
  if (lsn) return *lsn;
  return fail(ErrorKind::unavailable, fmt::format("{} answered without a position", what),
              "check that the server is PostgreSQL 15");
}

Result<Timeline> timeline_of(const ResultHandle& result, int column, std::string_view what) {
  const auto text = text_of(result, column);
  Timeline timeline = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), timeline);
  if (error == std::errc{} && end == text.data() + text.size() && timeline > 0) return timeline;
  return fail(ErrorKind::unavailable, fmt::format("{} answered without a timeline", what),
              "check that the server is PostgreSQL 15");
}

std::string quoted_literal(std::string_view text) {
  std::string literal = "'";
  for (const char c : text) {
    if (c == '\'') literal += '\'';
    literal += c;
  }
  return literal + "'";
}

Status check_slot_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (!name.empty() && name.size() <= 63 && std::ranges::all_of(name, allowed)) return {};
  return fail(ErrorKind::invalid_input, "this cannot be the name of a replication slot",
              "use lower-case letters, digits and underscores, at most 63");
}

}  // namespace auterity::data
