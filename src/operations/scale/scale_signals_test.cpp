#include "operations/scale/scale_signals.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace auterity::operations {
namespace {

TEST(ScaleSignals, ProcessorTimeIsReadAfterTheProgramsName) {
  const std::string stat =
      "4711 (a (strange) name) S 1 4711 4711 0 -1 4194560 100 0 0 0 250 150 7 9 20 0 4 0 100 0";
  EXPECT_EQ(cpu_seconds(stat, 100), 4.0);
  EXPECT_FALSE(cpu_seconds("", 100));
  EXPECT_FALSE(cpu_seconds("4711 (x) S 1", 100));
}

TEST(ScaleSignals, TheOldestQueueOfAllProcessesCounts) {
  EXPECT_EQ(queue_age("# TYPE workflow_queue_age_seconds gauge\n"
                      "workflow_queue_age_seconds{instance=\"api-1\"} 0\n"
                      "workflow_queue_age_seconds{instance=\"worker-1\"} 12.5\n"
                      "http_requests_total 90\n"),
            12.5);
  EXPECT_FALSE(queue_age("http_requests_total 90\n"));
}

std::string line(int second, std::string_view path, double response_ms) {
  return fmt::format(
      R"({{"timestamp":"x","accepted_ms":{}000,"request_id":"r","client":"c","method":"GET",)"
      R"("path":"{}","status":200,"bytes":1,"backend":"api","server":"blue-api-1",)"
      R"("duration_ms":1,"response_ms":{},"queue_ms":0,"termination":"--"}})"
      "\n",
      second, path, response_ms);
}

TEST(ScaleSignals, LatencyIsThatOfRequestsWhichWereNotAskedToWait) {
  std::string log = "[NOTICE] haproxy says something\n" + line(1, "/api/users/me", 9000);
  for (int i = 1; i <= 100; ++i) log += line(10, "/api/workflows", i);
  log += line(10, "/api/workflows/1/execute", 30'000);
  log += line(10, "/api/executions/1/events", 60'000);
  EXPECT_EQ(p95_latency_ms(log, Time(std::chrono::seconds(5))), 96);
  EXPECT_EQ(p95_latency_ms(log, Time(std::chrono::seconds(11))), 0);
}

}  // namespace
}  // namespace auterity::operations
