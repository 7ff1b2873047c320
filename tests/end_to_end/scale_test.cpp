// Sizes changed by hand and by the platform itself while it is used.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "harness/loopback_port.h"
#include "machine.h"
#include "request_load.h"

namespace auterity::end_to_end {
namespace {

constexpr int kUnderWay = 200;

class Scale : public testing::Test {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_PLATFORM();
    const std::string port = std::to_string(harness::find_free_loopback_port());
    url_ = "http://127.0.0.1:" + port;
    const auto up = machine_.auterity({"up", "--port", port, "--replicas", "1"});
    ASSERT_EQ(up.exit_code, 0) << up.error_output;
  }

  bool runs(const std::string& name) {
    return string_or(find_member(machine_.component(name), "state"), "") == "running";
  }

  Machine machine_;
  std::string url_;
};

TEST_F(Scale, GrowsAndShrinksUnderLoadWithoutLosingARequest) {
  RequestLoad load(url_ + "/api/workflows", {{"authorization", "Bearer " + machine_.token(url_)}});
  ASSERT_TRUE(machine_.eventually([&] { return load.sent() > kUnderWay; }));
  const pid_t balancer = machine_.pid_of("haproxy");

  const auto grown = machine_.auterity({"scale", "api=3", "workers=2"});
  EXPECT_EQ(grown.exit_code, 0) << grown.error_output;
  for (const char* name : {"api-2", "api-3", "worker-2"}) EXPECT_TRUE(runs(name)) << name;
  EXPECT_NE(machine_.auterity({"scale", "api=3"}).output.find("nothing to do"), std::string::npos);
  EXPECT_EQ(machine_.auterity({"up"}).exit_code, 0);
  EXPECT_TRUE(runs("api-3")) << "the sizes are kept";

  const auto shrunk = machine_.auterity({"scale", "api=1", "workers=1"});
  EXPECT_EQ(shrunk.exit_code, 0) << shrunk.error_output;
  for (const char* name : {"api-2", "api-3", "worker-2"})
    EXPECT_TRUE(machine_.component(name).is_null()) << name;
  const auto undone = machine_.auterity({"operations", "undo", "latest"});
  EXPECT_EQ(undone.exit_code, 0) << undone.error_output;
  EXPECT_TRUE(runs("api-3")) << "undone, the sizes are those of before";

  const int sent = load.sent();
  EXPECT_TRUE(machine_.eventually([&] { return load.sent() > sent + kUnderWay; }));
  const auto outcome = load.stop();
  EXPECT_TRUE(outcome.failed.empty())
      << testing::PrintToString(outcome.failed) << " of " << outcome.sent;
  EXPECT_EQ(machine_.pid_of("haproxy"), balancer);
}

TEST_F(Scale, LimitsOfTheEnvironmentAndSizesThatAreNoneAreRefused) {
  const auto refused = machine_.auterity({"scale", "api=101"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.error_output, testing::HasSubstr("not between 1 and "));
  for (const char* wrong : {"api", "api=", "api=x", "api=-1", "replicas=2"})
    EXPECT_EQ(machine_.auterity({"scale", wrong}).exit_code, 2) << wrong;
  EXPECT_EQ(machine_.auterity({"scale"}).exit_code, 2);
}

TEST_F(Scale, AutoscalingIsAServiceThatDownAndUpKeepTo) {
  const auto on = machine_.auterity({"autoscale", "on"});
  ASSERT_EQ(on.exit_code, 0) << on.error_output;
  EXPECT_TRUE(runs("autoscaler"));
  EXPECT_NE(machine_.auterity({"autoscale", "on"}).output.find("already"), std::string::npos);
  ASSERT_EQ(machine_.auterity({"down"}).exit_code, 0);
  EXPECT_TRUE(machine_.processes().empty());
  ASSERT_EQ(machine_.auterity({"up"}).exit_code, 0);
  EXPECT_TRUE(runs("autoscaler"));
  EXPECT_EQ(find_member(machine_.component("autoscaler"), "restarts")->to_number<int>(), 0);

  const auto off = machine_.auterity({"autoscale", "off"});
  EXPECT_EQ(off.exit_code, 0) << off.error_output;
  EXPECT_TRUE(machine_.component("autoscaler").is_null());
}

}  // namespace
}  // namespace auterity::end_to_end
