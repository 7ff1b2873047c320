#pragma once
// X-Request-Id: a caller's own id is kept when it is short and plain, so that it may go into logs
// and headers; else one is made.
#include <string>
#include <string_view>

#include "core/random.h"
#include "core/time.h"

namespace auterity::api {

// 1 to 128 of [A-Za-z0-9._-].
bool is_acceptable_request_id(std::string_view text);

// Makes UUIDv7 ids. Unique, not secret: a fast generator seeded once.
class RequestIds {
 public:
  explicit RequestIds(Random& random) : random_(random.next()) {}
  std::string next(Time now);

 private:
  SeededRandom random_;
};

}  // namespace auterity::api
