#pragma once
// A real Redis for tests, in a throwaway folder, with a password: on a unix socket, or on a
// loopback port, with TLS when asked (by a certificate made for this server alone). Its data does
// not survive a stop.
#include <string>

#include "harness/server_process.h"

namespace auterity::harness {

class RedisServer {
 public:
  enum class Transport { unix_socket, loopback, tls };
  explicit RedisServer(Transport transport = Transport::unix_socket);

  // The one server of this test program (unix socket), started on first use; nullptr when this
  // machine lacks Redis.
  static RedisServer* shared();
  static bool available();
  static std::string why_absent();

  std::string url() const { return url_with_password(password_); }
  std::string url_with_password(const std::string& password) const;
  int port() const { return port_; }
  // PEM file of the authority that signed the server's certificate.
  std::string ca_file() const { return process_.certificate().string(); }

  void start();
  void stop() { process_.stop(15); }
  void kill() { process_.stop(9); }
  void freeze();  // accepts and never answers
  void thaw();

 private:
  std::string configuration() const;

  Transport transport_;
  ServerProcess process_;
  std::string password_ = "battery/staple:1";
  int port_ = 0;
};

}  // namespace auterity::harness

// Skips the test, with the reason, on a machine without Redis.
#define AUTERITY_NEEDS_REDIS()                      \
  if (!auterity::harness::RedisServer::available()) \
  GTEST_SKIP() << auterity::harness::RedisServer::why_absent()
