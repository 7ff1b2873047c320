#pragma once
// A TCP proxy on a loopback port that misbehaves on demand, between a client under test and a real
// server. It runs on a thread of its own, so that tests switch its mode at any moment. A mode holds
// for connections that are open and for new ones.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/time.h"

namespace auterity::harness {

class FaultProxy {
 public:
  // Forwards to "host:port" (numeric) or, when it begins with '/', to a unix socket.
  explicit FaultProxy(const std::string& target);
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;
  ~FaultProxy();

  int port() const;

  void pass();
  // Holds every piece back for this long.
  void delay(Duration by);
  // Takes bytes in and forwards nothing, without closing: a network that swallows.
  void black_hole();
  // Forwards all but the next `count` bytes that come from the server.
  void drop_bytes(std::uint64_t count);
  // Closes a connection, abruptly, once `count` more bytes have come from the server.
  void cut_after(std::uint64_t count);
  // Closes what is open and refuses to listen until pass().
  void refuse();
  // Closes what is open, abruptly.
  void cut_all();

  // How many connections were accepted so far.
  std::uint64_t accepted() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace auterity::harness
