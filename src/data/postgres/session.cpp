#include "data/postgres/session.h"

#include <utility>

namespace auterity::data {
namespace {

Error broken() {
  return Error{ErrorKind::unavailable, "the session's connection to the database is broken",
               "open another session"};
}

Result<RowsPtr> only(BatchOutcome outcome) {
  if (outcome.error) return std::unexpected(std::move(*outcome.error));
  return std::move(outcome.rows.front());
}

}  // namespace

Async<Result<RowsPtr>> LeasedSession::query(Query query) {
  if (!lease_->usable()) co_return std::unexpected(broken());
  const std::array<Query, 1> batch{std::move(query)};
  co_return only(co_await lease_.run(batch));
}

Async<Status> LeasedSession::execute_script(std::string sql) {
  if (!lease_->usable()) co_return std::unexpected(broken());
  co_return co_await lease_->run_script(std::move(sql));
}

Async<Result<RowsPtr>> OwnSession::query(Query query) {
  if (!connection_->usable()) co_return std::unexpected(broken());
  const std::array<Query, 1> batch{std::move(query)};
  co_return only(co_await connection_->run(batch));
}

Async<Status> OwnSession::execute_script(std::string sql) {
  if (!connection_->usable()) co_return std::unexpected(broken());
  co_return co_await connection_->run_script(std::move(sql));
}

}  // namespace auterity::data
