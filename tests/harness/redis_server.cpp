#include "harness/redis_server.h"

#include <fmt/format.h>
#include <signal.h>

#include "harness/loopback_port.h"
#include "harness/percent_encoding.h"

namespace auterity::harness {

bool RedisServer::available() { return ServerProcess::find_program("redis-server").has_value(); }

std::string RedisServer::why_absent() {
  return "Redis is not installed (apt-get install redis-server)";
}

RedisServer* RedisServer::shared() {
  if (!available()) return nullptr;
  static RedisServer server;
  return &server;
}

RedisServer::RedisServer(Transport transport) : transport_(transport), process_("redis") {
  if (transport != Transport::unix_socket) port_ = find_free_loopback_port();
  if (transport == Transport::tls) process_.make_certificate();
  start();
}

std::string RedisServer::configuration() const {
  const auto folder = process_.folder().string();
  auto text = fmt::format(
      "requirepass {}\ndir {}\nsave \"\"\nappendonly no\nsupervised systemd\ndaemonize no\n",
      password_, folder);
  if (transport_ == Transport::unix_socket)
    return text + fmt::format("port 0\nunixsocket {}/redis.sock\nunixsocketperm 777\n", folder);
  text += "bind 127.0.0.1\n";
  if (transport_ == Transport::loopback) return text + fmt::format("port {}\n", port_);
  return text + fmt::format(
                    "port 0\ntls-port {0}\ntls-cert-file {1}/server.crt\n"
                    "tls-key-file {1}/server.key\ntls-auth-clients no\n",
                    port_, folder);
}

void RedisServer::start() {
  // The configuration goes in by standard input, so that the password is no argument.
  process_.start({{ServerProcess::find_program("redis-server").value(), "-"}, {}, configuration()});
}

std::string RedisServer::url_with_password(const std::string& password) const {
  const auto secret = percent_encoded(password);
  if (transport_ == Transport::unix_socket)
    return fmt::format("unix://{}/redis.sock?password={}", process_.folder().string(), secret);
  if (transport_ == Transport::loopback)
    return fmt::format("redis://:{}@127.0.0.1:{}/0", secret, port_);
  return fmt::format("rediss://:{}@localhost:{}/0?ca_file={}", secret, port_,
                     percent_encoded(ca_file()));
}

void RedisServer::freeze() { process_.send_signal_to_all(SIGSTOP); }
void RedisServer::thaw() { process_.send_signal_to_all(SIGCONT); }

}  // namespace auterity::harness
