#pragma once
// Whom a request comes from when proxies of our own stand between. Only a peer on this machine (a
// unix socket, or loopback) is believed: its X-Forwarded-For ends with what the proxy itself saw;
// what the client claimed stands before it.
#include <string>

#include "api/http_server/request.h"

namespace auterity::api {

struct Caller {
  std::string address;
  bool on_this_machine = false;
};
Caller find_caller(const Request& request);

}  // namespace auterity::api
