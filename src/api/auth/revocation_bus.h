#pragma once
// Tells other processes of revoked tokens over Redis, and hears of theirs.
//
// How long a revoked access token may still be taken: by the process that revoked it, not at all;
// by the others, for as long as a message takes through Redis (it has been handed over before the
// caller hears that it is signed out), and without Redis, or for a message lost while a connection
// was being made again, until they next read the database, at most Sessions::kReadInterval (2 s)
// and that query later. Redis is never the only copy: what is told here was committed before.
// A message can only ever revoke, and for no longer than a token lives.
#include <string_view>

#include "api/auth/revocations.h"
#include "core/clock.h"
#include "core/log.h"
#include "data/redis.h"

namespace auterity::api {

class RevocationBus {
 public:
  static constexpr std::string_view kChannel = "auterity:revoked";

  // `redis` may be null: then only this process hears at once.
  RevocationBus(data::Redis* redis, Revocations& revocations, const Clock& clock, Log& log)
      : redis_(redis), revocations_(revocations), clock_(clock), log_(log) {}

  // Holds here at once. Completes when Redis has taken the message or cannot (its command timeout).
  Async<void> tell(Revocation revocation);
  // Listens until cancelled.
  Async<void> run();

 private:
  void take(std::string_view message);

  data::Redis* redis_;
  Revocations& revocations_;
  const Clock& clock_;
  Log& log_;
};

// "SUBJECT GENERATION EXPIRES_MICROSECONDS"; nullopt for anything else.
std::string to_message(const Revocation& revocation);
std::optional<Revocation> parse_revocation(std::string_view message);

}  // namespace auterity::api
