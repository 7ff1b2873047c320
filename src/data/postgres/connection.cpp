#include "data/postgres/connection.h"

#include <libpq-fe.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <cassert>

#include "data/postgres/result_rows.h"
#include "data/postgres/sql_errors.h"

namespace auterity::data {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kMaxNameBytes =
    63;  // NAMEDATALEN - 1: longer names of prepared statements collide

std::string_view sqlstate_of(const PGresult* result) {
  const char* code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return code ? std::string_view(code) : std::string_view();
}

}  // namespace

// One answer that the server owes: to a Parse, or to a statement.
struct Connection::Step {
  std::string_view name;
  std::string_view sql;
  bool prepares;
};

Result<std::vector<RowsPtr>> BatchOutcome::whole() && {
  if (error) return std::unexpected(std::move(*error));
  return std::move(rows);
}

Connection::Connection(Executor executor, Log& log, pg_conn* handle)
    : handle_(handle), socket_(std::move(executor)) {
  const auto on_notice = [](void* receiver, const PGresult* notice) {
    const char* message = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
    static_cast<Log*>(receiver)->debug(
        "database", message ? message : "notice without text",
        {{"sqlstate", Json(boost::json::string_view(sqlstate_of(notice)))}});
  };
  if (handle_) PQsetNoticeReceiver(handle_, on_notice, &log);
}

Connection::~Connection() {
  if (socket_.is_open()) socket_.release();  // libpq closes it
  PQfinish(handle_);
}

Async<Result<std::unique_ptr<Connection>>> Connection::open(Executor executor, Log& log,
                                                            ConnectParameters parameters) {
  AUTERITY_CO_CHECK(co_await resolve_host(parameters));
  const auto arrays = parameters.arrays();
  std::unique_ptr<Connection> connection(new Connection(
      executor, log, PQconnectStartParams(arrays.keywords.data(), arrays.values.data(), 0)));
  if (!connection->handle_) {
    co_return fail(ErrorKind::internal, "out of memory for a database connection",
                   "give the process more memory");
  }
  AUTERITY_CO_CHECK(co_await connection->finish_connecting());
  co_return connection;
}

Async<Status> Connection::resolve_host(ConnectParameters& parameters) {
  const auto host = parameters.host_to_resolve();
  if (host.empty()) co_return Status{};
  asio::ip::tcp::resolver resolver(co_await asio::this_coro::executor);
  boost::system::error_code error;
  const auto found =
      co_await resolver.async_resolve(host, "", asio::redirect_error(asio::use_awaitable, error));
  if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
  if (error || found.empty()) {
    co_return fail(ErrorKind::unavailable, "the database's host name cannot be resolved",
                   "check the host in the database URL, and this machine's name service");
  }
  // libpq tries the addresses in turn; certificates are still checked against the name.
  std::string names, addresses;
  for (const auto& entry : found) {
    const auto* separator = names.empty() ? "" : ",";
    names += separator + host;
    addresses += separator + entry.endpoint().address().to_string();
  }
  parameters.set("host", names);
  parameters.set("hostaddr", addresses);
  co_return Status{};
}

Async<Status> Connection::finish_connecting() {
  if (PQstatus(handle_) == CONNECTION_BAD) co_return std::unexpected(connect_error(handle_));
  for (auto next = PGRES_POLLING_WRITING; next != PGRES_POLLING_OK; next = PQconnectPoll(handle_)) {
    if (next == PGRES_POLLING_FAILED) co_return std::unexpected(connect_error(handle_));
    co_await wait_for_socket(next == PGRES_POLLING_READING);
  }
  if (PQsetnonblocking(handle_, 1) != 0 || PQenterPipelineMode(handle_) != 1) {
    co_return std::unexpected(connect_error(handle_));
  }
  socket_.assign(PQsocket(handle_));
  co_return Status{};
}

// While connecting, libpq may go from one socket to another (next address, or without TLS), so that
// each wait registers anew.
Async<void> Connection::wait_for_socket(bool readable) {
  socket_.assign(PQsocket(handle_));
  boost::system::error_code error;
  co_await socket_.async_wait(readable ? asio::posix::stream_descriptor::wait_read
                                       : asio::posix::stream_descriptor::wait_write,
                              asio::redirect_error(asio::use_awaitable, error));
  socket_.release();
  if (error) throw boost::system::system_error(error);
}

Async<BatchOutcome> Connection::run(std::span<const Query> batch) {
  assert(!in_batch_ && "one caller at a time");
  stale_ = false;
  std::deque<Step> steps;
  BatchOutcome outcome;
  if (auto sent = send(batch, steps); !sent) {
    outcome.error = std::move(sent).error();
    co_return outcome;
  }
  outcome.rows.reserve(batch.size());
  for (bool complete = false; !complete;) {
    if (auto status = co_await until_result(); !status) {
      // What the server said before it went away tells more than that it went away.
      if (!outcome.error) outcome.error = std::move(status).error();
      co_return outcome;
    }
    complete = take(PQgetResult(handle_), steps, outcome);
  }
  in_batch_ = false;
  co_return outcome;
}

Status Connection::check(const Query& query) {
  for (std::size_t i = query.binary_parameters; i < query.parameters.size(); ++i) {
    const auto& parameter = query.parameters[i];
    if (!parameter || !parameter->contains('\0')) continue;
    return fail(ErrorKind::invalid_input,
                "statement " + std::string(query.statement.name) + ": parameter " +
                    std::to_string(i + 1) + " holds a zero byte",
                "remove the character U+0000; PostgreSQL cannot store it in text");
  }
  return {};
}

Status Connection::send(std::span<const Query> batch, std::deque<Step>& steps) {
  for (const auto& query : batch) AUTERITY_CHECK(check(query));
  in_batch_ = true;
  for (const auto& query : batch) AUTERITY_CHECK(send_statement(query, steps));
  if (PQpipelineSync(handle_) != 1) return std::unexpected(connection_lost());
  return {};
}

Status Connection::send_statement(const Query& query, std::deque<Step>& steps) {
  const auto& [name, sql] = query.statement;
  assert(!name.empty() && name.size() <= kMaxNameBytes && "a statement needs a short name");
  const std::string key(name);
  const auto known = prepared_.find(key);
  assert((known == prepared_.end() || known->second == sql) && "one name, one text");
  const bool pending = std::ranges::any_of(
      steps, [&](const Step& step) { return step.prepares && step.name == name; });
  if (known == prepared_.end() && !pending) {
    const auto text = "/* " + key + " */ " + std::string(sql);
    if (PQsendPrepare(handle_, key.c_str(), text.c_str(), 0, nullptr) != 1)
      return std::unexpected(connection_lost());
    steps.push_back({name, sql, true});
  }
  const std::size_t count = query.parameters.size();
  std::vector<const char*> values(count);
  std::vector<int> lengths(count), formats(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& parameter = query.parameters[i];
    values[i] = parameter ? parameter->c_str() : nullptr;
    lengths[i] = parameter ? static_cast<int>(parameter->size()) : 0;
    formats[i] = i < query.binary_parameters ? 1 : 0;
  }
  if (PQsendQueryPrepared(handle_, key.c_str(), static_cast<int>(count), values.data(),
                          lengths.data(), formats.data(), 0) != 1)
    return std::unexpected(connection_lost());
  steps.push_back({name, sql, false});
  return {};
}

// In pipeline mode libpq hands out the results of one step, then a null, and a PIPELINE_SYNC at the
// end.
bool Connection::take(pg_result* result, std::deque<Step>& steps, BatchOutcome& outcome) {
  if (!result) {
    if (!steps.empty()) steps.pop_front();
    return false;
  }
  std::unique_ptr<PGresult, decltype(&PQclear)> owned(result, PQclear);
  const auto status = PQresultStatus(result);
  if (status == PGRES_PIPELINE_SYNC) return true;
  const auto name = steps.empty() ? std::string_view("commit") : steps.front().name;
  if (status == PGRES_FATAL_ERROR) {
    const auto sqlstate = sqlstate_of(result);
    // An error without a code is libpq's own: the connection is gone.
    auto error = sqlstate.empty() ? connection_lost() : statement_error(result, name);
    if (!outcome.error) outcome.error = std::move(error);
    stale_ = stale_ || is_stale_plan(sqlstate);
  } else if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
    assert(!steps.empty());
    if (steps.front().prepares) {
      prepared_.emplace(steps.front().name, steps.front().sql);
    } else {
      outcome.rows.push_back(make_rows(owned.release()));
    }
  } else if (status != PGRES_PIPELINE_ABORTED) {
    if (!outcome.error) {
      outcome.error =
          Error{ErrorKind::internal,
                "statement " + std::string(name) + " answered with " + PQresStatus(status),
                "COPY cannot be a statement of the platform"};
    }
    lost_ = true;  // a COPY under way cannot be ended within a pipeline
    return true;
  }
  return false;
}

Async<Status> Connection::run_script(std::string sql) {
  assert(!in_batch_ && "one caller at a time");
  in_batch_ = true;
  PQexitPipelineMode(handle_);
  if (PQsendQuery(handle_, sql.c_str()) != 1) co_return std::unexpected(connection_lost());
  std::optional<Error> first_error;
  for (;;) {
    AUTERITY_CO_CHECK(co_await until_result());
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQgetResult(handle_), PQclear);
    if (!result) break;
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_FATAL_ERROR) {
      if (!first_error) first_error = statement_error(result.get(), "script");
    } else if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
               status != PGRES_EMPTY_QUERY) {
      lost_ = true;
      co_return fail(ErrorKind::invalid_input,
                     std::string("a script cannot hold COPY from or to the client (") +
                         PQresStatus(status) + ")",
                     "write INSERT statements instead");
    }
  }
  if (PQenterPipelineMode(handle_) != 1) co_return std::unexpected(connection_lost());
  in_batch_ = false;
  if (first_error) co_return std::unexpected(std::move(*first_error));
  co_return Status{};
}

Async<Status> Connection::until_result() {
  for (;;) {
    const int unsent = PQflush(handle_);
    if (unsent < 0) {
      // The server may have said why it closed the connection before it did.
      if (PQconsumeInput(handle_) == 1 && !PQisBusy(handle_)) co_return Status{};
      co_return std::unexpected(connection_lost());
    }
    if (!PQisBusy(handle_)) {
      if (PQstatus(handle_) == CONNECTION_BAD) co_return std::unexpected(connection_lost());
      co_return Status{};
    }
    AUTERITY_CO_CHECK(co_await wait_for_traffic(unsent == 1));
    if (PQconsumeInput(handle_) != 1) co_return std::unexpected(connection_lost());
  }
}

Async<Status> Connection::wait_for_traffic(bool writable) {
  using Descriptor = asio::posix::stream_descriptor;
  boost::system::error_code error;
  if (!writable) {
    co_await socket_.async_wait(Descriptor::wait_read,
                                asio::redirect_error(asio::use_awaitable, error));
  } else {
    // Reading, too: a server that cannot get rid of its answers stops taking requests in.
    const auto [order, read_error, write_error] =
        co_await asio::experimental::make_parallel_group(
            socket_.async_wait(Descriptor::wait_read, asio::deferred),
            socket_.async_wait(Descriptor::wait_write, asio::deferred))
            .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    error = order[0] == 0 ? read_error : write_error;
  }
  if (gave_up_) {
    lost_ = true;
    co_return fail(ErrorKind::timeout, "the database did not answer in time",
                   "see what PostgreSQL waits for: select * from pg_stat_activity");
  }
  if (error) throw boost::system::system_error(error);
  co_return Status{};
}

Error Connection::connection_lost() {
  lost_ = true;
  return Error{ErrorKind::unavailable,
               "the connection to the database broke during a statement: " +
                   std::string(without_server_address(PQerrorMessage(handle_))),
               "whether the statement was done is unknown; look before repeating it"};
}

bool Connection::alive() {
  if (!reusable()) return false;
  char byte = 0;
  for (;;) {
    const auto count = ::recv(PQsocket(handle_), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    // A notice, or the farewell of a server that shuts down; the end of the stream follows that.
    if (count == 0 || PQconsumeInput(handle_) != 1) return false;
  }
}

bool Connection::reusable() const {
  return usable() && !stale_ && PQstatus(handle_) == CONNECTION_OK &&
         PQtransactionStatus(handle_) == PQTRANS_IDLE;
}

bool Connection::in_failed_transaction() const {
  return PQtransactionStatus(handle_) == PQTRANS_INERROR;
}

void Connection::give_up() {
  gave_up_ = true;
  socket_.cancel();
}

}  // namespace auterity::data
