#pragma once
// Requests that a deploy makes itself where people make too few to judge a version by. They go
// through the load balancer like all others, read only, and are marked by a header and a request
// id that begins with "synthetic-".
#include <cstdint>
#include <string>

#include "operations/local_context.h"

namespace auterity::operations {

class SyntheticRequests {
 public:
  // `token` is signed in with when it is empty or no longer accepted.
  SyntheticRequests(LocalContext& context, local::Platform platform, std::string& token)
      : context_(context), platform_(std::move(platform)), token_(token) {}

  // Sends up to `count` requests one after the other, for about a second, until one is not
  // answered; answers of 5xx count like any other, in HAProxy's log. failed, with the status, when
  // one is refused (4xx); unavailable when nobody can be signed in with.
  Async<Status> send(int count);
  std::uint64_t sent() const { return sent_; }

 private:
  Async<Status> sign_in();

  LocalContext& context_;
  local::Platform platform_;
  std::string& token_;
  std::uint64_t sent_ = 0;
};

}  // namespace auterity::operations
