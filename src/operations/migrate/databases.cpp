#include "operations/migrate/databases.h"

#include <fmt/format.h>

#include "core/finally.h"
#include "data/database_url.h"
#include "data/migrations/sql_parser.h"
#include "data/with_database.h"

namespace auterity::operations {
namespace {

constexpr const char* kMark = "scratch database of auterity";
constexpr std::size_t kLongestName = 63;
constexpr std::size_t kRandomCharacters = 12;

constexpr data::Statement kExists{"databases.exists", "SELECT FROM pg_database WHERE datname = $1"};
constexpr data::Statement kIsSelf{"databases.is_self", "SELECT current_user = $1"};
constexpr data::Statement kMayCreate{
    "databases.may_create",
    "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"};
constexpr data::Statement kRandom{"databases.random",
                                  "SELECT replace(gen_random_uuid()::text, '-', '')"};
constexpr data::Statement kTakeName{"databases.take_name",
                                    "SELECT pg_try_advisory_lock(hashtextextended($1, 0))"};
constexpr data::Statement kReleaseName{"databases.release_name",
                                       "SELECT pg_advisory_unlock(hashtextextended($1, 0))"};
constexpr data::Statement kMarked{"databases.marked",
                                  "SELECT datname FROM pg_database "
                                  "WHERE shobj_description(oid, 'pg_database') = $1"};

Async<Result<std::unique_ptr<data::Session>>> open_server(data::Database& server) {
  AUTERITY_CO_TRY(session, co_await server.open_session());
  AUTERITY_CO_CHECK(co_await session->execute_script("SET statement_timeout = 0"));
  co_return std::move(session);
}

Async<Status> create(data::Session& session, const MigrateTarget& target, std::string name) {
  std::string sql = fmt::format("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'",
                                data::quoted_identifier(name));
  AUTERITY_CO_TRY(environment, data::libpq_environment(target.url));
  if (const auto user = environment.find("PGUSER"); user != environment.end()) {
    AUTERITY_CO_TRY(self, co_await session.query({kIsSelf, {user->second}}));
    if (self->text(0, 0) != "t") sql += " OWNER " + data::quoted_identifier(user->second);
  }
  co_return co_await session.execute_script(sql);
}

Async<Status> create_missing(data::Database& server, const MigrateTarget& target,
                             std::string name) {
  AUTERITY_CO_TRY(session, co_await open_server(server));
  AUTERITY_CO_TRY(there, co_await session->query({kExists, {name}}));
  if (there->size() == 0) co_return co_await create(*session, target, std::move(name));
  co_return Status{};
}

Async<Status> drop(data::Session& session, std::string name) {
  co_return co_await session.execute_script(
      fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", data::quoted_identifier(name)));
}

Async<Result<bool>> take_name(data::Session& session, std::string name) {
  AUTERITY_CO_TRY(taken, co_await session.query({kTakeName, {name}}));
  co_return taken->text(0, 0) == "t";
}

Async<Status> drop_orphans(data::Session& session) {
  AUTERITY_CO_TRY(marked, co_await session.query({kMarked, {kMark}}));
  for (std::size_t row = 0; row < marked->size(); ++row) {
    const std::string name(marked->text(row, 0));
    AUTERITY_CO_TRY(orphaned, co_await take_name(session, name));
    if (!orphaned) continue;
    AUTERITY_CO_CHECK(co_await drop(session, name));
    AUTERITY_CO_CHECK(co_await session.query({kReleaseName, {name}}));
  }
  co_return Status{};
}

Async<Result<std::string>> make(data::Session& session, const MigrateTarget& target,
                                std::string purpose) {
  AUTERITY_CO_TRY(may, co_await session.query({kMayCreate, {}}));
  if (may->size() == 0 || may->text(0, 0) != "t")
    co_return fail(ErrorKind::forbidden, "the database's user may not create a database",
                   "give it the right: ALTER ROLE … CREATEDB");
  AUTERITY_CO_TRY(random, co_await session.query({kRandom, {}}));
  const std::string tail =
      fmt::format("_scratch_{}_{}", purpose, random->text(0, 0).substr(0, kRandomCharacters));
  std::string name = target.name.substr(0, kLongestName - tail.size()) + tail;
  AUTERITY_CO_CHECK(co_await take_name(session, name));
  AUTERITY_CO_CHECK(co_await create(session, target, name));
  AUTERITY_CO_CHECK(co_await session.execute_script(
      fmt::format("COMMENT ON DATABASE {} IS '{}'", data::quoted_identifier(name), kMark)));
  co_return name;
}

Async<void> drop_noting(data::Session& session, std::string name, Status& outcome) {
  outcome = co_await drop(session, std::move(name));
}

Async<Status> make_use_and_drop(data::Database& server, const MigrateTarget& target,
                                std::string purpose, const ScratchWork& work) {
  AUTERITY_CO_TRY(session, co_await open_server(server));
  AUTERITY_CO_CHECK(co_await drop_orphans(*session));
  // Nobody who runs out of patience leaves a database without its mark.
  AUTERITY_CO_TRY(name, co_await uncancelled(make(*session, target, std::move(purpose))));
  Status dropped;
  AUTERITY_CO_CHECK(co_await finally(work(name), drop_noting(*session, name, dropped)));
  co_return dropped;
}

}  // namespace

Async<Result<bool>> database_exists(MigrateServices& services, const MigrateTarget& target,
                                    std::string name) {
  AUTERITY_CO_TRY(server, open_as_administrator(services, target, "postgres"));
  AUTERITY_CO_TRY(rows,
                  co_await data::with_database(std::move(server), [&](data::Database& postgres) {
                    return postgres.read({kExists, {name}});
                  }));
  co_return rows->size() == 1;
}

Async<Status> create_database(MigrateServices& services, const MigrateTarget& target,
                              std::string name) {
  AUTERITY_CO_TRY(server, open_as_administrator(services, target, "postgres"));
  co_return co_await data::with_database(std::move(server), [&](data::Database& postgres) {
    return create_missing(postgres, target, name);
  });
}

Async<Status> with_scratch_database(MigrateServices& services, const MigrateTarget& target,
                                    std::string purpose, ScratchWork work) {
  AUTERITY_CO_TRY(server, open_as_administrator(services, target, "postgres"));
  co_return co_await data::with_database(std::move(server), [&](data::Database& postgres) {
    return make_use_and_drop(postgres, target, purpose, work);
  });
}

}  // namespace auterity::operations
