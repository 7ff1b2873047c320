#pragma once
// A real PostgreSQL for tests: its own cluster with checksums in a throwaway folder, on a unix
// socket (no password) and, when asked, on a loopback port (with password). One server serves a
// whole test program; each test takes a database of its own.
#include <memory>
#include <optional>
#include <string>

#include "harness/server_process.h"

namespace auterity::harness {

class PostgresServer {
 public:
  struct Options {
    bool loopback = false;  // listen on 127.0.0.1, too
    bool tls = false;       // offer TLS on the loopback port, as `localhost`
    bool durable = false;   // fsync on: for measurements; off is quicker
    std::map<std::string, std::string> settings;
  };
  explicit PostgresServer(Options options);
  PostgresServer() : PostgresServer(Options{}) {}
  ~PostgresServer();

  // The one server of this test program, started on first use; nullptr when this machine lacks
  // PostgreSQL. Tests that stop or kill servers start one of their own.
  static PostgresServer* shared();
  // Why shared() is nullptr, for GTEST_SKIP().
  static std::string why_absent();
  static bool available();

  // URL of a database over the unix socket, or over the loopback port.
  std::string url(const std::string& database = "postgres") const;
  std::string loopback_url(const std::string& database = "postgres") const;
  // Over TLS, with the server's certificate checked against `ca_file` and its name against
  // `host`.
  std::string verified_url(const std::string& database, const std::string& host,
                           const std::string& ca_file) const;
  // PEM file of the authority that signed the server's certificate.
  std::string ca_file() const { return process_.certificate().string(); }
  int port() const { return port_; }
  std::string password() const { return password_; }
  // The folder that the socket stands in.
  std::string socket_folder() const { return process_.folder().string(); }

  // A new, empty database; answers its name. With `from`, a copy of that one (which nobody may be
  // connected to).
  std::string create_database(const std::string& from = {});
  // A new database with the product's own migrations applied, copied from a template that is
  // migrated once.
  std::string create_migrated_database();
  // Runs one statement as the superuser; throws when it fails. The first column of the first row,
  // empty when there is none.
  std::string execute(const std::string& sql, const std::string& database = "postgres") const;

  void start();
  void stop();  // fast: connections are ended, nothing is lost
  void kill();  // -9: recovery on the next start
  void restart();
  void freeze();  // stops every process of the server: it accepts and never answers
  void thaw();

 private:
  void initialize();

  Options options_;
  ServerProcess process_;
  std::string binaries_;
  std::string password_ = "correct horse";
  int port_ = 0;
  int databases_ = 0;
  std::string template_;  // name of the migrated template, once there is one
};

}  // namespace auterity::harness

// Skips the test, with the reason, on a machine without PostgreSQL.
#define AUTERITY_NEEDS_POSTGRES()                      \
  if (!auterity::harness::PostgresServer::available()) \
  GTEST_SKIP() << auterity::harness::PostgresServer::why_absent()
