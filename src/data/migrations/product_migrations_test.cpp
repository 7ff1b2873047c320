// The product's own migrations, on a real PostgreSQL.
#include <gtest/gtest.h>

#include "data/migrations.h"
#include "harness/event_loop.h"
#include "harness/postgres_server.h"
#include "harness/source_folder.h"

namespace auterity::data {
namespace {

using harness::PostgresServer;

// Names, columns, indexes and constraints of everything in the schema.
constexpr const char* kShape =
    "SELECT coalesce(string_agg(line, E'\\n' ORDER BY line), '') FROM ("
    " SELECT format('%s %s %s', table_name, column_name, data_type) AS line"
    "  FROM information_schema.columns WHERE table_schema = 'public'"
    " UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
    " UNION ALL SELECT format('%s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint"
    "  WHERE connamespace = 'public'::regnamespace"
    " UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    " UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace) lines";

TEST(ProductMigrations, GoUpDownAndUpAgain) {
  AUTERITY_NEEDS_POSTGRES();
  auto& server = *PostgresServer::shared();
  const auto name = server.create_database();
  const auto shape_of = [&] { return server.execute(kShape, name); };
  harness::EventLoop loop;
  SystemClock clock;
  harness::SilentLog log;
  const auto database = open_database(loop.executor(), clock, log, {.url = server.url(name)});
  const auto own = load_migrations((harness::source_folder() / "migrations").string());
  ASSERT_TRUE(own) << own.error().message;
  for (const auto& migration : *own) EXPECT_NE(migration.down, "") << label(migration);
  const auto empty = shape_of();
  const auto first = loop.run(migrate_up(*database, clock, *own));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->size(), own->size());
  const auto shape = shape_of();
  EXPECT_NE(shape, empty);
  const auto back = loop.run(migrate_down(*database, clock, *own, 0));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(shape_of(), empty);
  const auto second = loop.run(migrate_up(*database, clock, *own));
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(shape_of(), shape);
  loop.run(database->close());
}

}  // namespace
}  // namespace auterity::data
