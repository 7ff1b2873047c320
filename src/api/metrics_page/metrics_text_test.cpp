#include "api/metrics_page/metrics_text.h"

#include <gtest/gtest.h>

namespace auterity::api {
namespace {

TEST(MetricsText, AddsUpReplicasUnderOneHead) {
  const std::string first =
      "# HELP http_requests_total Requests.\n# TYPE http_requests_total counter\n"
      "http_requests_total{method=\"GET\",endpoint=\"/a b}\"} 3\n";
  const std::string second =
      "# HELP http_requests_total Requests.\n# TYPE http_requests_total counter\n"
      "http_requests_total{method=\"GET\",endpoint=\"/a b}\"} 4\n"
      "http_requests_total{method=\"PUT\",endpoint=\"/b\"} 1\n";
  EXPECT_EQ(add_up_metrics({first, second}),
            "# HELP http_requests_total Requests.\n# TYPE http_requests_total counter\n"
            "http_requests_total{method=\"GET\",endpoint=\"/a b}\"} 7\n"
            "http_requests_total{method=\"PUT\",endpoint=\"/b\"} 1\n");
}

TEST(MetricsText, AddsUpHistograms) {
  const std::string page =
      "# HELP t Time.\n# TYPE t histogram\nt_count 2\nt_sum 0.5\nt_bucket{le=\"1\"} 1\n"
      "t_bucket{le=\"+Inf\"} 2\n";
  EXPECT_EQ(add_up_metrics({page, page}),
            "# HELP t Time.\n# TYPE t histogram\nt_count 4\nt_sum 1\nt_bucket{le=\"1\"} 2\n"
            "t_bucket{le=\"+Inf\"} 4\n");
}

TEST(MetricsText, KeepsTheLatestPointInTime) {
  const auto page = [](const char* time) {
    return std::string(
               "# HELP process_start_time_seconds Start.\n# TYPE process_start_time_seconds "
               "gauge\nprocess_start_time_seconds ") +
           time + "\n";
  };
  EXPECT_NE(add_up_metrics({page("100"), page("300"), page("200")}).find("seconds 300\n"),
            std::string::npos);
}

TEST(MetricsText, LeavesGarbageOut) {
  EXPECT_EQ(add_up_metrics({"<html>\nno metrics here 1\n", "# HELP a b\n# TYPE a gauge\na x\na\n"}),
            "# HELP a b\n# TYPE a gauge\n");
  EXPECT_EQ(add_up_metrics({}), "");
}

}  // namespace
}  // namespace auterity::api
