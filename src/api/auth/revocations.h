#pragma once
// What this process knows of revoked tokens. The truth is in the database (token_store.h); a duty
// reads what is new every 2 seconds, other processes tell of theirs at once where there is Redis
// (revocation_bus.h says how long a revoked token may still be taken), and what this process
// revokes itself holds at once. Entries are forgotten when the tokens they are about have expired
// anyway. While the database is away, tokens go on being judged by what is known.
#include <unordered_map>
#include <vector>

#include "api/auth/principal.h"
#include "core/time.h"
#include "core/uuid.h"

namespace auterity::api {

struct Revocation {
  Uuid subject;                  // a token (jti), a session (sid), or a user when generation is set
  std::int64_t generation = -1;  // of a user: tokens of earlier generations are refused
  Time expires_at;
};

class Revocations {
 public:
  void add(const Revocation& revocation);
  bool is_revoked(const Principal& principal) const;
  void forget_expired(Time now);
  std::size_t size() const { return entries_.size(); }

 private:
  std::unordered_map<Uuid, Revocation> entries_;
};

}  // namespace auterity::api
