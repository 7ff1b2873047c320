// The database: reached as the services reach it, then asked once for everything.
#include <charconv>

#include "data/database.h"
#include "data/with_database.h"
#include "operations/check/probes.h"

namespace auterity::operations::check {
namespace {

constexpr Duration kConnectLimit = std::chrono::milliseconds(1500);
constexpr Duration kStatementLimit = std::chrono::seconds(1);

constexpr data::Statement kFacts{
    "check.facts",
    "select current_setting('server_version_num'), "
    "has_schema_privilege('public', 'CREATE'), "
    "(select count(*) from pg_available_extensions where name = 'pg_stat_statements'), "
    "(select count(*) from pg_replication_slots), current_setting('max_replication_slots'), "
    "(select count(*) from pg_replication_slots where not active), "
    "(select count(*) from pg_stat_activity where backend_type = 'client backend'), "
    "current_setting('max_connections'), "
    "(extract(epoch from clock_timestamp()) * 1000000)::bigint"};

std::int64_t number(const data::Rows& rows, std::size_t column) {
  const std::string_view text = rows.text(0, column);
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Async<Result<DatabaseFacts>> ask(Clock& clock, data::Database& database) {
  const Time before = clock.now();
  AUTERITY_CO_TRY(rows, co_await database.read({kFacts, {}}));
  const Time middle = before + (clock.now() - before) / 2;
  DatabaseFacts facts;
  facts.version = static_cast<int>(number(*rows, 0));
  facts.can_create = rows->text(0, 1) == "t";
  if (number(*rows, 2) == 0) facts.missing_extensions.emplace_back("pg_stat_statements");
  facts.slots_used = number(*rows, 3);
  facts.slots_most = number(*rows, 4);
  facts.slots_inactive = number(*rows, 5);
  facts.connections_used = number(*rows, 6);
  facts.connections_most = number(*rows, 7);
  facts.clock_difference = from_epoch_microseconds(number(*rows, 8)) - middle;
  co_return facts;
}

}  // namespace

Async<Result<DatabaseFacts>> ask_database(const Subject& subject) {
  const std::string url = variable_or(
      subject, "DATABASE_URL", subject.platform ? subject.platform->service_database_url() : "");
  if (url.empty())
    co_return fail(ErrorKind::not_ready, "there is no DATABASE_URL and no platform here",
                   "start it with `auterity up`, or set DATABASE_URL");
  auto database =
      data::open_database(subject.context.executor, subject.context.clock, subject.context.log,
                          {.url = url,
                           .application_name = "auterity check",
                           .max_connections = 1,
                           .connect_timeout = kConnectLimit,
                           .acquire_timeout = kConnectLimit,
                           .statement_timeout = kStatementLimit});
  auto facts = co_await data::with_database(std::move(database), [&](data::Database& asked) {
    return ask(subject.context.clock, asked);
  });
  if (facts)
    facts->connections_needed =
        processes_of_deploy(subject) * default_number("AUTERITY_DATABASE_CONNECTIONS");
  co_return facts;
}

}  // namespace auterity::operations::check
