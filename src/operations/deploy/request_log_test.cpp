#include "operations/deploy/request_log.h"

#include <gtest/gtest.h>

namespace auterity::operations {
namespace {

constexpr const char* kLine =
    R"({"timestamp":"24/Nov/2026:09:10:11 +0000","accepted_ms":1795511411123,"request_id":"a-1",)"
    R"("client":"127.0.0.1","method":"GET","path":"/api/health","status":200,"bytes":211,)"
    R"("backend":"api","server":"green-api-2","duration_ms":4,"response_ms":3,"queue_ms":0,)"
    R"("termination":"--"})";

TEST(RequestLogTest, ReadsALine) {
  const auto record = parse_request_line(kLine);
  ASSERT_TRUE(record);
  EXPECT_EQ(to_rfc3339(record->accepted_at), "2026-11-24T09:10:11.123000Z");
  EXPECT_EQ(record->server, "green-api-2");
  EXPECT_EQ(pool_of(record->server), "green");
  EXPECT_EQ(record->request_id, "a-1");
  EXPECT_EQ(record->status, 200);
  EXPECT_DOUBLE_EQ(record->response_ms, 3);
  EXPECT_FALSE(record->server_failed());
  EXPECT_FALSE(record->client_gave_up());
}

TEST(RequestLogTest, LeavesOutWhatIsNoRequest) {
  const std::string line = kLine;
  EXPECT_FALSE(parse_request_line(""));
  EXPECT_FALSE(parse_request_line("[NOTICE] (1) : New worker (2) forked"));
  EXPECT_FALSE(parse_request_line(line.substr(0, line.size() / 2)));
  EXPECT_FALSE(parse_request_line("{}"));
  EXPECT_FALSE(parse_request_line(R"({"accepted_ms":"soon","server":7})"));
}

TEST(RequestLogTest, TellsTheServersFaultsFromTheClients) {
  const auto seen = [](int status, const char* termination) {
    return RequestRecord{.status = status, .termination = termination};
  };
  EXPECT_TRUE(seen(500, "--").server_failed());
  EXPECT_TRUE(seen(503, "SC").server_failed());
  EXPECT_TRUE(seen(504, "sH").server_failed());
  EXPECT_TRUE(seen(200, "SD").server_failed()) << "ended in the middle of the answer";
  EXPECT_FALSE(seen(404, "--").server_failed());
  EXPECT_FALSE(seen(-1, "CD").server_failed());
  EXPECT_FALSE(seen(408, "cR").server_failed());
  EXPECT_TRUE(seen(200, "CD").client_gave_up());
}

TEST(RequestLogTest, NoServerIsNoPool) {
  EXPECT_EQ(pool_of("<NOSRV>"), "");
  EXPECT_EQ(pool_of("nginx"), "");
}

}  // namespace
}  // namespace auterity::operations
