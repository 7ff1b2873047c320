#include "engine/store/postgres_schedule_store.h"

#include "engine/store/execution_records.h"

namespace auterity::engine {
namespace {

using data::Statement;

// An execution that retention has taken away has ended; it is counted from the fire time that
// started it.
constexpr Statement kVersions{
    "schedules.versions",
    "SELECT w.id, w.namespace, w.name, w.version, s.workflow_id IS NOT NULL,"
    " " AUTERITY_MICROSECONDS("s.anchor_at") ", " AUTERITY_MICROSECONDS("s.last_fire_at") ","
    " e.id IS NULL OR e.wake = 'none',"
    " " AUTERITY_MICROSECONDS("coalesce(e.finished_at, s.last_fire_at)") " "
    "FROM workflows w LEFT JOIN schedules s ON s.workflow_id = w.id "
    "LEFT JOIN workflow_executions e ON e.id = s.last_execution_id "
    "WHERE w.removed_at IS NULL AND (w.namespace, w.name) IN (SELECT o.namespace, o.name"
    " FROM schedules t JOIN workflows o ON o.id = t.workflow_id)"};

constexpr Statement kFired{
    "schedules.fired",
    "UPDATE schedules SET last_fire_at = $2::timestamptz, last_execution_id = $3::uuid "
    "WHERE workflow_id = $1::uuid AND (last_fire_at IS NULL OR last_fire_at < $2::timestamptz)"};

constexpr Statement kAcquire{
    "leadership.acquire",
    "INSERT INTO leadership AS l (name, holder, term, lease_until) "
    "VALUES ($1, $2, 1, $4::timestamptz) ON CONFLICT (name) DO UPDATE SET"
    " term = CASE WHEN l.holder = $2 THEN l.term ELSE l.term + 1 END, holder = $2,"
    " lease_until = $4::timestamptz "
    "WHERE l.holder = $2 OR l.lease_until <= $3::timestamptz RETURNING term"};

constexpr Statement kResign{"leadership.resign",
                            "UPDATE leadership SET lease_until = $3::timestamptz"
                            " WHERE name = $1 AND holder = $2"};

}  // namespace

Async<Result<std::vector<ScheduledVersion>>> PostgresScheduleStore::versions() {
  AUTERITY_CO_TRY(rows, co_await database_.read({kVersions, {}}));
  std::vector<ScheduledVersion> versions;
  versions.reserve(rows->size());
  for (std::size_t row = 0; row < rows->size(); ++row) {
    auto id = parse_uuid(rows->text(row, 0));
    if (!id)
      co_return fail(ErrorKind::internal, "a stored schedule has no workflow", "report this");
    ScheduledVersion version{.workflow_id = *id};
    version.name_space = rows->text(row, 1);
    version.name = rows->text(row, 2);
    version.version = rows->text(row, 3);
    version.scheduled = rows->text(row, 4) == "t";
    version.anchor_at = time_at(*rows, row, 5).value_or(Time{});
    version.last_fire_at = time_at(*rows, row, 6);
    version.last_run = {.ended = rows->text(row, 7) == "t",
                        .ended_at = time_at(*rows, row, 8).value_or(Time{})};
    versions.push_back(std::move(version));
  }
  co_return versions;
}

Async<Status> PostgresScheduleStore::fired(Uuid workflow_id, Time at, Uuid execution) {
  AUTERITY_CO_CHECK(co_await database_.query(
      {kFired, {to_text(workflow_id), to_rfc3339(at), to_text(execution)}}));
  co_return Status();
}

Async<Result<std::optional<std::int64_t>>> PostgresLeadershipStore::acquire(std::string name,
                                                                            std::string holder,
                                                                            Duration lease) {
  const Time now = clock_.now();
  AUTERITY_CO_TRY(rows, co_await database_.query({kAcquire,
                                                  {std::move(name), std::move(holder),
                                                   to_rfc3339(now), to_rfc3339(now + lease)}}));
  if (rows->size() == 0) co_return std::nullopt;
  co_return number_at(*rows, 0, 0);
}

Async<Status> PostgresLeadershipStore::resign(std::string name, std::string holder) {
  AUTERITY_CO_CHECK(co_await database_.query(
      {kResign, {std::move(name), std::move(holder), to_rfc3339(clock_.now())}}));
  co_return Status();
}

}  // namespace auterity::engine
