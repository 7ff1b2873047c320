#include "targets/local/ports.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace auterity::local {
namespace {

class Listener {
 public:
  Listener() : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
    EXPECT_EQ(::listen(descriptor_, 1), 0);
    socklen_t size = sizeof name;
    EXPECT_EQ(::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&name), &size), 0);
    port = ntohs(name.sin_port);
  }
  ~Listener() { ::close(descriptor_); }
  int port = 0;

 private:
  int descriptor_;
};

TEST(Ports, SayWhoHoldsATakenOne) {
  const Listener listener;
  EXPECT_FALSE(is_free("127.0.0.1", listener.port));
  EXPECT_FALSE(is_free("*", listener.port));
  const auto holder = find_port_holder(listener.port);
  ASSERT_TRUE(holder);
  EXPECT_EQ(holder->pid, ::getpid());
  EXPECT_FALSE(holder->program.empty());
}

TEST(Ports, ChosenOnesAreFreeAndNotKeptByOthers) {
  SeededRandom first(1);
  const auto port = choose_free_port(first, {});
  ASSERT_TRUE(port);
  EXPECT_GE(*port, 20000);
  EXPECT_LT(*port, 32768) << "below the kernel's own range";
  SeededRandom again(1);
  EXPECT_NE(*choose_free_port(again, {*port}), *port);
}

}  // namespace
}  // namespace auterity::local
