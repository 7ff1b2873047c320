#pragma once
// The scheduler's memory and the leaders' leases on PostgreSQL (schema: migrations/0004).
#include "core/clock.h"
#include "data/database.h"
#include "engine/scheduler/leadership.h"
#include "engine/scheduler/schedule_store.h"

namespace auterity::engine {

class PostgresScheduleStore final : public ScheduleStore {
 public:
  explicit PostgresScheduleStore(data::Database& database) : database_(database) {}
  Async<Result<std::vector<ScheduledVersion>>> versions() override;
  Async<Status> fired(Uuid workflow_id, Time at, Uuid execution) override;

 private:
  data::Database& database_;
};

class PostgresLeadershipStore final : public LeadershipStore {
 public:
  PostgresLeadershipStore(data::Database& database, Clock& clock)
      : database_(database), clock_(clock) {}
  Async<Result<std::optional<std::int64_t>>> acquire(std::string name, std::string holder,
                                                     Duration lease) override;
  Async<Status> resign(std::string name, std::string holder) override;

 private:
  data::Database& database_;
  Clock& clock_;
};

}  // namespace auterity::engine
