// What is read from wrk's report.
#include "load.h"

#include <gtest/gtest.h>

namespace auterity::benchmark {
namespace {

TEST(WrkReport, PercentilesAreThoseOfTheDistributionAlone) {
  const auto read = parse_wrk_report(R"(Running 4s test @ http://127.0.0.1:1/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.36ms    1.52ms  15.00ms   86.50%
    Req/Sec    52.53k    13.35k   70.23k    57.99%
  Latency Distribution
     50%  738.00us
     75%    1.18ms
     90%    3.48ms
     99%    7.58ms
  210360 requests in 4.04s, 81.85MB read
Requests/sec:  52100.59
Transfer/sec:     20.27MB
)");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_DOUBLE_EQ(read->requests_a_second, 52100.59);
  EXPECT_DOUBLE_EQ(read->p50_ms, 0.738);
  EXPECT_DOUBLE_EQ(read->p99_ms, 7.58);
}

TEST(WrkReport, OtherTextIsNone) { EXPECT_FALSE(parse_wrk_report("unable to connect")); }

}  // namespace
}  // namespace auterity::benchmark
