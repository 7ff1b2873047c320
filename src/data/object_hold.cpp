#include "data/object_hold.h"

namespace auterity::data {
namespace {

// The two numbers of an advisory lock of our own.
constexpr Statement kHold{"objects.hold", "SELECT pg_advisory_lock_shared(1635087474, 1)"};
constexpr Statement kHeld{
    "objects.held",
    "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 1635087474 "
    "AND objid = 1 AND objsubid = 2 AND granted AND database = "
    "(SELECT oid FROM pg_database WHERE datname = current_database()))"};
constexpr Statement kOwn{
    "objects.own_hold",
    "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 1635087474 "
    "AND objid = 1 AND objsubid = 2 AND granted AND pid = pg_backend_pid())"};

}  // namespace

Async<Status> hold_objects(Session& session) {
  AUTERITY_CO_CHECK(co_await session.query({kHold, {}}));
  co_return Status{};
}

Async<Status> check_hold(Session& session) {
  const auto held = co_await session.query({kOwn, {}});
  if (held && (*held)->text(0, 0) == "t") co_return Status{};
  co_return fail(ErrorKind::unavailable,
                 "the database's connection that kept files from being removed has ended",
                 "look whether PostgreSQL was restarted, and try again");
}

Async<Result<bool>> objects_are_held(Database& database) {
  AUTERITY_CO_TRY(rows, co_await database.read({kHeld, {}}));
  co_return rows->text(0, 0) == "t";
}

}  // namespace auterity::data
