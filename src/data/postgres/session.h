#pragma once
// The two sessions behind database.h: one over a connection of the pool, for the length of a
// transaction, and one over a connection of its own.
#include <array>
#include <memory>

#include "data/database.h"
#include "data/postgres/pool.h"

namespace auterity::data {

class LeasedSession final : public Session {
 public:
  // `lease` outlives the session.
  explicit LeasedSession(Lease& lease) : lease_(lease) {}
  Async<Result<RowsPtr>> query(Query query) override;
  Async<Status> execute_script(std::string sql) override;

 private:
  Lease& lease_;
};

class OwnSession final : public Session {
 public:
  explicit OwnSession(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)) {}
  Async<Result<RowsPtr>> query(Query query) override;
  Async<Status> execute_script(std::string sql) override;

 private:
  std::unique_ptr<Connection> connection_;
};

}  // namespace auterity::data
