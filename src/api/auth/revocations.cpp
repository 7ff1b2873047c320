#include "api/auth/revocations.h"

namespace auterity::api {

void Revocations::add(const Revocation& revocation) {
  Revocation& entry = entries_.try_emplace(revocation.subject, revocation).first->second;
  entry.generation = std::max(entry.generation, revocation.generation);
  entry.expires_at = std::max(entry.expires_at, revocation.expires_at);
}

bool Revocations::is_revoked(const Principal& principal) const {
  if (entries_.empty()) return false;
  if (entries_.contains(principal.token_id) || entries_.contains(principal.session_id)) return true;
  const auto user = entries_.find(principal.user_id);
  return user != entries_.end() && principal.generation < user->second.generation;
}

void Revocations::forget_expired(Time now) {
  std::erase_if(entries_, [now](const auto& entry) { return entry.second.expires_at <= now; });
}

}  // namespace auterity::api
