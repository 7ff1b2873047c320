#include "data/object_hold.h"

#include <gtest/gtest.h>

#include "harness/event_loop.h"
#include "harness/postgres_server.h"

namespace auterity::data {
namespace {

TEST(ObjectHold, LastsAsLongAsAnySessionThatHolds) {
  AUTERITY_NEEDS_POSTGRES();
  harness::PostgresServer& server = *harness::PostgresServer::shared();
  harness::EventLoop loop;
  SystemClock clock;
  harness::SilentLog log;
  const auto open = [&](const std::string& name) {
    return open_database(loop.executor(), clock, log, {.url = server.url(name)});
  };
  const auto database = open(server.create_database());
  const auto other = open(server.create_database());
  EXPECT_FALSE(*loop.run(objects_are_held(*database)));
  auto first = loop.run(database->open_session());
  auto second = loop.run(database->open_session());
  ASSERT_TRUE(loop.run(hold_objects(**first)));
  ASSERT_TRUE(loop.run(hold_objects(**second)));
  EXPECT_TRUE(*loop.run(objects_are_held(*database)));
  EXPECT_FALSE(*loop.run(objects_are_held(*other)));
  EXPECT_TRUE(loop.run(check_hold(**first)));
  first->reset();
  EXPECT_TRUE(*loop.run(objects_are_held(*database)));
  second->reset();
  // The server notices the end of a session in its own time.
  for (int looks = 0; looks < 1000 && *loop.run(objects_are_held(*database)); ++looks)
    server.execute("SELECT pg_sleep(0.01)");
  EXPECT_FALSE(*loop.run(objects_are_held(*database)));
  loop.run(database->close());
  loop.run(other->close());
}

TEST(ObjectHold, OneWhoseConnectionEndedIsToldOf) {
  AUTERITY_NEEDS_POSTGRES();
  harness::PostgresServer& server = *harness::PostgresServer::shared();
  harness::EventLoop loop;
  SystemClock clock;
  harness::SilentLog log;
  const std::string name = server.create_database();
  const auto database = open_database(loop.executor(), clock, log, {.url = server.url(name)});
  auto session = loop.run(database->open_session());
  ASSERT_TRUE(session);
  ASSERT_TRUE(loop.run(hold_objects(**session)));
  server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name +
                 "' AND pid <> pg_backend_pid()");
  const auto held = loop.run(check_hold(**session));
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().kind, ErrorKind::unavailable);
  session->reset();
  loop.run(database->close());
}

}  // namespace
}  // namespace auterity::data
