// Probes against real servers: such that answer, and such that accept and say nothing.
#include "operations/check/probes.h"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <map>

#include "core/deadline.h"
#include "harness/check_subject.h"
#include "harness/event_loop.h"
#include "harness/postgres_server.h"
#include "harness/redis_server.h"
#include "operations/check/probed_family.h"

namespace auterity::operations::check {
namespace {

using harness::PostgresServer;
using harness::RedisServer;

class CheckProbes : public testing::Test {
 protected:
  // Of all families; every password of the servers is looked for in what they say.
  std::map<std::string, Judgement> check() {
    Families families = all_families();
    const Subject subject = fixture_.subject();
    const Report report = loop_.run(check::run(subject, families));
    std::map<std::string, Judgement> judgements;
    for (const Finding& finding : report.findings) {
      judgements[finding.id] = finding.judgement;
      for (const char* secret : {"correct horse", "correct%20horse", "battery/staple"})
        EXPECT_FALSE((finding.judgement.evidence + finding.judgement.hint).contains(secret))
            << finding.id;
    }
    return judgements;
  }

  harness::EventLoop loop_;
  SystemClock clock_;
  SubjectFixture fixture_{loop_.executor(), clock_};
};

TEST_F(CheckProbes, APlatformThatIsNotThereIsReportedAndNoError) {
  auto found = check();
  EXPECT_EQ(found["environment-jwt-secret-key"].verdict, Verdict::fail);
  EXPECT_EQ(found["disk"].verdict == Verdict::skipped, false);
  for (const char* id : {"database-reachable", "redis-reachable", "object-store", "release",
                         "migrations-planned", "smoke-test", "certificates"}) {
    EXPECT_EQ(found[id].verdict, Verdict::skipped) << id;
    EXPECT_FALSE(found[id].evidence.empty()) << id;
    EXPECT_FALSE(found[id].hint.empty()) << id;
  }
  EXPECT_EQ(found["backup-age"].verdict, Verdict::warn) << "staging without a file is development";
}

// A deploy starts a new pool, and as many replicas of the old release for the comparison.
TEST_F(CheckProbes, EveryProcessThatADeployAddsIsCounted) {
  Subject subject = fixture_.subject();
  const auto of_file = [&](const char* key) {
    return static_cast<int>(subject.environment.number(key));
  };
  EXPECT_EQ(processes_of_deploy(subject), 2 * of_file("app_desired_capacity") + of_file("workers"));
  subject.platform.emplace();
  subject.platform->pools = {{.colour = "blue", .replicas = 3, .workers = 4}};
  EXPECT_EQ(processes_of_deploy(subject), 10);
  subject.compared = 0;
  EXPECT_EQ(processes_of_deploy(subject), 7) << "a deploy without a stage to compare in";
  subject.compared.reset();
  const auto machine = loop_.run(ask_machine(subject));
  ASSERT_TRUE(machine);
  EXPECT_EQ(machine->processes, 10);
  EXPECT_EQ(machine->process_bytes, std::nullopt) << "none of them runs";
}

TEST_F(CheckProbes, EveryProcessOfADeployNeedsItsConnections) {
  AUTERITY_NEEDS_POSTGRES();
  PostgresServer server;
  fixture_.variables()["DATABASE_URL"] = server.url();
  const Subject subject = fixture_.subject();
  const auto facts = loop_.run(ask_database(subject));
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->connections_needed, processes_of_deploy(subject) * 8);
}

TEST_F(CheckProbes, ADatabaseThatAcceptsAndSaysNothingIsFoundInTime) {
  AUTERITY_NEEDS_POSTGRES();
  PostgresServer server;
  fixture_.variables()["DATABASE_URL"] = server.url();
  EXPECT_EQ(check()["database-reachable"].verdict, Verdict::pass);
  server.freeze();
  auto found = check();
  server.thaw();
  EXPECT_EQ(found["database-reachable"].verdict, Verdict::fail);
  EXPECT_EQ(found["database-version"].verdict, Verdict::skipped);
  EXPECT_EQ(found["clock"].verdict, Verdict::skipped);
}

TEST_F(CheckProbes, ARedisThatAcceptsAndSaysNothingIsFoundInTime) {
  AUTERITY_NEEDS_REDIS();
  RedisServer server;
  fixture_.variables()["REDIS_URL"] = server.url();
  EXPECT_EQ(check()["redis-reachable"].verdict, Verdict::pass);
  server.freeze();
  EXPECT_EQ(check()["redis-reachable"].verdict, Verdict::fail);
  server.thaw();
  fixture_.variables()["REDIS_URL"] = server.url_with_password("wrong-password");
  EXPECT_EQ(check()["redis-reachable"].verdict, Verdict::fail);
}

TEST_F(CheckProbes, ATlsServerThatSaysNothingKeepsNobodyWhoseDeadlinePasses) {
  boost::asio::ip::tcp::acceptor silent(loop_.context(),
                                        {boost::asio::ip::make_address("127.0.0.1"), 0});
  fixture_.variables()["REDIS_URL"] =
      "rediss://127.0.0.1:" + std::to_string(silent.local_endpoint().port());
  const Subject subject = fixture_.subject();
  const auto outcome = loop_.run(
      with_deadline(clock_, std::chrono::milliseconds(200), "it", ask_certificates(subject)));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::timeout);
  const auto facts = loop_.run(ask_certificates(subject));
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->unknown.size(), 1u) << "not seen";
}

// The harness' authority signs for two days.
TEST_F(CheckProbes, CertificatesOfBothServersAreSeenWithTheDaysThatAreLeft) {
  AUTERITY_NEEDS_POSTGRES();
  AUTERITY_NEEDS_REDIS();
  PostgresServer database({.loopback = true, .tls = true});
  RedisServer redis(RedisServer::Transport::tls);
  fixture_.variables() = {
      {"DATABASE_URL", database.verified_url("postgres", "localhost", database.ca_file())},
      {"REDIS_URL", redis.url()}};
  Result<CertificatesFacts> facts = loop_.run(ask_certificates(fixture_.subject()));
  ASSERT_TRUE(facts);
  ASSERT_EQ(facts->found.size(), 2u) << (facts->unknown.empty() ? "" : facts->unknown.front());
  for (const CertificateFacts& certificate : facts->found) {
    EXPECT_EQ(certificate.fault, "") << certificate.where;
    EXPECT_GT(certificate.expires_at, facts->now) << certificate.where;
    EXPECT_LE(certificate.expires_at, facts->now + std::chrono::days(3)) << certificate.where;
  }
  EXPECT_EQ(check()["certificates"].verdict, Verdict::fail) << "less than seven days";
}

TEST_F(CheckProbes, ACertificateOfAnotherNameOrOfNobodyKnownIsNotTrusted) {
  AUTERITY_NEEDS_POSTGRES();
  PostgresServer database({.loopback = true, .tls = true});
  const auto fault_of = [&](const std::string& url) {
    fixture_.variables()["DATABASE_URL"] = url;
    const auto facts = loop_.run(ask_certificates(fixture_.subject()));
    return facts && facts->found.size() == 1 ? facts->found.front() : CertificateFacts{};
  };
  const CertificateFacts renamed =
      fault_of(database.verified_url("postgres", "127.0.0.1", database.ca_file()));
  EXPECT_NE(renamed.fault, "");
  EXPECT_TRUE(renamed.must_be_trusted);
  const CertificateFacts unchecked = fault_of(database.loopback_url() + "?sslmode=require");
  EXPECT_NE(unchecked.fault, "") << "signed by nobody that this machine knows";
  EXPECT_FALSE(unchecked.must_be_trusted) << "sslmode=require asks for no more than encryption";
}

TEST_F(CheckProbes, AServerWithoutTlsIsNothingToLookAtUnlessTlsIsAskedFor) {
  AUTERITY_NEEDS_POSTGRES();
  PostgresServer database({.loopback = true});
  const auto ask = [&](const std::string& url) {
    fixture_.variables()["DATABASE_URL"] = url;
    return loop_.run(ask_certificates(fixture_.subject())).value();
  };
  EXPECT_TRUE(ask(database.loopback_url()).unknown.empty());
  EXPECT_EQ(ask(database.loopback_url() + "?sslmode=require").unknown.size(), 1u);
}

}  // namespace
}  // namespace auterity::operations::check
