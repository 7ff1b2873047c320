#include "api/auth/revocation_bus.h"

#include <gtest/gtest.h>

#include "harness/api_fixture.h"
#include "harness/redis_server.h"

namespace auterity::api {
namespace {

TEST(RevocationMessage, ComesBackAsItWas) {
  const Revocation revocation{*parse_uuid("01890000-0000-7000-8000-000000000001"), 7,
                              Time(std::chrono::seconds(1'700'000'000))};
  const auto read = parse_revocation(to_message(revocation));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->subject, revocation.subject);
  EXPECT_EQ(read->generation, 7);
  EXPECT_EQ(read->expires_at, revocation.expires_at);
  const std::string id = to_text(revocation.subject);
  for (const std::string& wrong : {std::string(), id, std::string("x 1 2"), id + " 1",
                                   id + " 1 2 3", id + " 1 99999999999999999999", id + " a 2"})
    EXPECT_FALSE(parse_revocation(wrong)) << wrong;
}

// Beside the real API role stands another listener, as another replica would.
class RevocationBusTest : public ApiFixture {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_REDIS();
    redis_server_ = std::make_unique<harness::RedisServer>();
    redis_url_ = redis_server_->url();
    ApiFixture::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    redis_ = data::open_redis(loop_.executor(), clock_, log_, {.url = redis_url_});
    bus_ = std::make_unique<RevocationBus>(redis_.get(), others_, clock_, log_);
    listening_ = std::make_unique<TaskGroup>(loop_.executor(), "listener",
                                             [](std::string_view, std::exception_ptr) {});
    listening_->spawn("listen", bus_->run());
  }
  void TearDown() override {
    if (listening_) {
      listening_->stop();
      loop_.run(listening_->join());
    }
    if (redis_) loop_.run(redis_->close());
    ApiFixture::TearDown();
  }

  std::string listeners() {
    const auto reply =
        loop_.run(redis_->command({"PUBSUB", "NUMSUB", std::string(RevocationBus::kChannel)}));
    return reply && reply->elements.size() == 2 ? std::to_string(reply->elements[1].integer) : "";
  }
  template <typename Condition>
  bool eventually(Condition condition) {
    for (int i = 0; i < 500 && !condition(); ++i)
      loop_.run(clock_.sleep(std::chrono::milliseconds(10)));
    return condition();
  }

  std::unique_ptr<harness::RedisServer> redis_server_;
  std::unique_ptr<data::Redis> redis_;
  Revocations others_;
  std::unique_ptr<RevocationBus> bus_;
  std::unique_ptr<TaskGroup> listening_;
};

TEST_F(RevocationBusTest, ALogoutIsHeardByTheOtherReplicas) {
  ASSERT_TRUE(eventually([this] { return listeners() == "2"; })) << listeners();
  log_in("viewer@example.org");
  EXPECT_EQ(others_.size(), 0u);
  EXPECT_EQ(post("/api/auth/logout").status, 204);
  EXPECT_TRUE(eventually([this] { return others_.size() == 1; }));
}

TEST_F(RevocationBusTest, WhatAnotherReplicaRevokedHoldsHere) {
  ASSERT_TRUE(eventually([this] { return listeners() == "2"; })) << listeners();
  log_in("viewer@example.org");
  const auto user = parse_uuid(get("/api/users/me").field("id"));
  ASSERT_TRUE(user);
  // It is in no database: only the message can have told of it.
  loop_.run(bus_->tell({*user, 1000, clock_.now() + std::chrono::minutes(5)}));
  EXPECT_TRUE(eventually([this] { return get("/api/users/me").status == 401; }));
}

TEST_F(RevocationBusTest, WithoutRedisSigningOutWorks) {
  log_in("viewer@example.org");
  redis_server_->stop();
  EXPECT_EQ(post("/api/auth/logout").status, 204);
  EXPECT_EQ(get("/api/users/me").status, 401);
}

}  // namespace
}  // namespace auterity::api
