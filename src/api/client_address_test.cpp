#include "api/client_address.h"

#include <gtest/gtest.h>

#include "api/request_id.h"

namespace auterity::api {
namespace {

Caller caller(Peer peer, std::vector<std::string_view> forwarded) {
  Request request;
  request.peer = std::move(peer);
  for (std::string_view value : forwarded) request.headers.push_back({"X-Forwarded-For", value});
  return find_caller(request);
}

TEST(ClientAddress, IsThePeerWithoutAProxy) {
  EXPECT_TRUE(caller({"127.0.0.1", true}, {}).on_this_machine);
  EXPECT_TRUE(caller({"unix", true}, {}).on_this_machine);
  EXPECT_FALSE(caller({"192.0.2.1", false}, {}).on_this_machine);
}

TEST(ClientAddress, IsWhatOurProxySaw) {
  const Caller far = caller({"unix", true}, {"192.0.2.7"});
  EXPECT_EQ(far.address, "192.0.2.7");
  EXPECT_FALSE(far.on_this_machine);
  EXPECT_TRUE(caller({"unix", true}, {"127.0.0.1"}).on_this_machine);
  EXPECT_TRUE(caller({"127.0.0.1", true}, {"::1"}).on_this_machine);
}

TEST(ClientAddress, IsNeverWhatACallerClaims) {
  EXPECT_FALSE(caller({"192.0.2.1", false}, {"127.0.0.1"}).on_this_machine);
  EXPECT_EQ(caller({"192.0.2.1", false}, {"127.0.0.1"}).address, "192.0.2.1");
  EXPECT_FALSE(caller({"unix", true}, {"127.0.0.1, 192.0.2.7"}).on_this_machine);
  EXPECT_FALSE(caller({"unix", true}, {"127.0.0.1", "192.0.2.7"}).on_this_machine);
  EXPECT_FALSE(caller({"unix", true}, {"localhost"}).on_this_machine);
}

TEST(RequestId, IsKeptWhenItIsPlain) {
  EXPECT_TRUE(is_acceptable_request_id("a-b_c.D9"));
  EXPECT_FALSE(is_acceptable_request_id(""));
  EXPECT_FALSE(is_acceptable_request_id("a b"));
  EXPECT_FALSE(is_acceptable_request_id("a\"b"));
  EXPECT_FALSE(is_acceptable_request_id(std::string(129, 'a')));
}

}  // namespace
}  // namespace auterity::api
