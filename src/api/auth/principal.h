#pragma once
// Who a request acts for, once its token was verified.
#include <cstdint>
#include <string>

#include "api/auth/permissions.h"
#include "core/time.h"
#include "core/uuid.h"

namespace auterity::api {

struct Principal {
  Uuid user_id;
  std::string user_id_text;
  Role role = Role::viewer;
  Uuid token_id;                // jti
  Uuid session_id;              // sid: the family of refresh tokens; nil for a token without one
  std::int64_t generation = 0;  // gen: tokens of an earlier generation of the user are refused
  Time expires_at;
};

}  // namespace auterity::api
