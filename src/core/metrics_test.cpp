#include "core/metrics.h"

#include <gtest/gtest.h>

namespace auterity {
namespace {

TEST(Metrics, SameNameAndLabelsAreOneHandle) {
  const auto metrics = make_metrics();
  Counter& first = metrics->counter("requests_total", "Requests.", {{"method", "GET"}});
  Counter& second = metrics->counter("requests_total", "Requests.", {{"method", "GET"}});
  EXPECT_EQ(&first, &second);
  EXPECT_NE(&first, &metrics->counter("requests_total", "Requests.", {{"method", "PUT"}}));
}

TEST(Metrics, ExposesThePrometheusTextFormat) {
  const auto metrics = make_metrics();
  metrics->counter("requests_total", "Requests.", {{"method", "GET"}}).add(2);
  metrics->gauge("pool_connections", "Connections.").set(3);
  metrics->histogram("commit_seconds", "Commits.", {0.1, 1}).observe(0.5);
  const std::string text = metrics->expose();
  EXPECT_NE(text.find("# TYPE requests_total counter\nrequests_total{method=\"GET\"} 2\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("pool_connections 3\n"), std::string::npos) << text;
  EXPECT_NE(text.find("commit_seconds_bucket{le=\"1\"} 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("commit_seconds_count 1\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace auterity
