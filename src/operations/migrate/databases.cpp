#include "operations/migrate/databases.h"

#include <fmt/format.h>

#include "data/database_url.h"
#include "data/migrations/sql_parser.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kMark = "scratch database of auterity migrate";
constexpr std::size_t kLongestName = 63;

constexpr data::Statement kExists{"databases.exists", "SELECT FROM pg_database WHERE datname = $1"};
constexpr data::Statement kMarked{"databases.marked",
                                  "SELECT coalesce(shobj_description(oid, 'pg_database'), '') "
                                  "FROM pg_database WHERE datname = $1"};
constexpr data::Statement kIsSelf{"databases.is_self", "SELECT current_user = $1"};

Async<Result<std::unique_ptr<data::Session>>> open_server(data::Database& server) {
  AUTERITY_CO_TRY(session, co_await server.open_session());
  AUTERITY_CO_CHECK(co_await session->execute_script("SET statement_timeout = 0"));
  co_return std::move(session);
}

Async<Status> drop_marked(data::Session& session, const std::string& name) {
  AUTERITY_CO_TRY(marked, co_await session.query({kMarked, {name}}));
  if (marked->size() == 0) co_return Status{};
  if (marked->text(0, 0) != kMark)
    co_return fail(ErrorKind::conflict,
                   fmt::format("a database {} is in the way, and it is no scratch database", name),
                   "rename or drop it, if nobody needs it");
  co_return co_await session.execute_script(
      fmt::format("DROP DATABASE {} WITH (FORCE)", data::quoted_identifier(name)));
}

}  // namespace

Async<Result<bool>> database_exists(MigrateServices& services, const MigrateTarget& target,
                                    std::string name) {
  AUTERITY_CO_TRY(server, open_as_administrator(services, target, "postgres"));
  auto rows = co_await server->read({kExists, {name}});
  co_await server->close();
  if (!rows) co_return std::unexpected(std::move(rows).error());
  co_return (*rows)->size() == 1;
}

Async<Status> create_database(MigrateServices& services, const MigrateTarget& target,
                              std::string name) {
  AUTERITY_CO_TRY(server, open_as_administrator(services, target, "postgres"));
  AUTERITY_CO_TRY(session, co_await open_server(*server));
  AUTERITY_CO_TRY(there, co_await session->query({kExists, {name}}));
  if (there->size() == 1) co_return Status{};
  std::string sql = fmt::format("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'",
                                data::quoted_identifier(name));
  AUTERITY_CO_TRY(environment, data::libpq_environment(target.url));
  if (const auto user = environment.find("PGUSER"); user != environment.end()) {
    AUTERITY_CO_TRY(self, co_await session->query({kIsSelf, {user->second}}));
    if (self->text(0, 0) != "t") sql += " OWNER " + data::quoted_identifier(user->second);
  }
  AUTERITY_CO_CHECK(co_await session->execute_script(sql));
  session.reset();
  co_await server->close();
  co_return Status{};
}

std::string scratch_name(const MigrateTarget& target, std::string_view purpose) {
  const std::string tail = fmt::format("_scratch_{}", purpose);
  return target.name.substr(0, kLongestName - tail.size()) + tail;
}

Async<Status> make_scratch(MigrateServices& services, const MigrateTarget& target,
                           std::string name) {
  AUTERITY_CO_TRY(server, open_as_administrator(services, target, "postgres"));
  AUTERITY_CO_TRY(session, co_await open_server(*server));
  AUTERITY_CO_CHECK(co_await drop_marked(*session, name));
  const std::string quoted = data::quoted_identifier(name);
  AUTERITY_CO_CHECK(co_await session->execute_script(
      fmt::format("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", quoted)));
  AUTERITY_CO_CHECK(co_await session->execute_script(
      fmt::format("COMMENT ON DATABASE {} IS '{}'", quoted, kMark)));
  session.reset();
  co_await server->close();
  co_return Status{};
}

Async<Status> drop_scratch(MigrateServices& services, const MigrateTarget& target,
                           std::string name) {
  AUTERITY_CO_TRY(server, open_as_administrator(services, target, "postgres"));
  AUTERITY_CO_TRY(session, co_await open_server(*server));
  const Status dropped = co_await drop_marked(*session, name);
  session.reset();
  co_await server->close();
  co_return dropped;
}

}  // namespace auterity::operations
