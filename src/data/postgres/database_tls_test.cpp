// The database client over TLS, as a database of another machine wants it: sslmode=verify-full.
#include <gtest/gtest.h>

#include <memory>

#include "data/database.h"
#include "harness/event_loop.h"
#include "harness/postgres_server.h"

namespace auterity::data {
namespace {

using harness::PostgresServer;
using harness::ServerProcess;

constexpr Statement kEncrypted{"test.encrypted",
                               "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"};

class DatabaseTls : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (PostgresServer::available() && has_openssl())
      server_ =
          std::make_unique<PostgresServer>(PostgresServer::Options{.loopback = true, .tls = true});
  }
  static void TearDownTestSuite() { server_.reset(); }

  void SetUp() override {
    AUTERITY_NEEDS_POSTGRES();
    if (!has_openssl()) GTEST_SKIP() << "openssl is not installed (apt-get install openssl)";
  }
  void TearDown() override {
    if (database_) loop_.run(database_->close());
  }

  static bool has_openssl() { return ServerProcess::find_program("openssl").has_value(); }

  Result<RowsPtr> ask(const std::string& url, Duration patience = std::chrono::seconds(30)) {
    if (database_) loop_.run(database_->close());
    DatabaseOptions options;
    options.url = url;
    options.acquire_timeout = patience;
    options.connect_timeout = std::chrono::seconds(30);
    database_ = open_database(loop_.executor(), clock_, log_, options);
    return ask_again();
  }
  Result<RowsPtr> ask_again() { return loop_.run(database_->read({kEncrypted, {}})); }

  void expect_refused(const std::string& url, std::string_view why) {
    const auto rows = ask(url, std::chrono::seconds(2));
    ASSERT_FALSE(rows) << "connected to " << url;
    EXPECT_EQ(rows.error().kind, ErrorKind::unavailable) << rows.error().message;
    EXPECT_FALSE(rows.error().hint.empty());
    const auto text = rows.error().message + rows.error().hint;
    EXPECT_TRUE(text.contains(why)) << text;
    EXPECT_FALSE(text.contains(server_->password())) << text;
  }

  static inline std::unique_ptr<PostgresServer> server_;
  harness::EventLoop loop_;
  SystemClock clock_;
  harness::SilentLog log_;
  std::unique_ptr<Database> database_;
};

TEST_F(DatabaseTls, ACertificateThatIsTrustedEncryptsAndSoDoesTheNextConnection) {
  const auto rows = ask(server_->verified_url("postgres", "localhost", server_->ca_file()));
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ((*rows)->text(0, 0), "t");
  server_->restart();
  const auto again = ask_again();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ((*again)->text(0, 0), "t");
}

TEST_F(DatabaseTls, ACertificateOfAnotherAuthorityIsRefused) {
  ServerProcess other("other-authority");
  other.make_certificate();
  expect_refused(server_->verified_url("postgres", "localhost", other.certificate().string()),
                 "certificate verify failed");
}

TEST_F(DatabaseTls, ACertificateOfAnotherHostIsRefused) {
  expect_refused(server_->verified_url("postgres", "127.0.0.1", server_->ca_file()),
                 "does not match host name");
}

TEST_F(DatabaseTls, AnAuthorityThatCannotBeReadIsRefused) {
  expect_refused(server_->verified_url("postgres", "localhost", server_->ca_file() + ".missing"),
                 "root certificate file");
}

TEST_F(DatabaseTls, AServerWithoutTlsIsRefusedAndNotTalkedToInTheClear) {
  const PostgresServer plain({.loopback = true});
  expect_refused(plain.verified_url("postgres", "localhost", server_->ca_file()),
                 "does not support SSL");
}

}  // namespace
}  // namespace auterity::data
