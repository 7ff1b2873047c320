#pragma once
// Passwords: argon2id by libsodium (RFC 9106; 19 MiB, 2 passes) on a small pool of threads of its
// own, so that signing in never stops the event loop, and never takes more memory than threads × 19
// MiB.
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "core/async.h"
#include "core/error.h"

namespace auterity::api {

class PasswordHasher {
 public:
  // At most `queue` calls wait; more are answered rate_limited at once.
  explicit PasswordHasher(std::size_t threads = 2, std::size_t queue = 64);
  ~PasswordHasher();

  // "$argon2id$v=19$m=…"
  Async<Result<std::string>> hash(std::string password);
  // An empty `hash` costs as much as any and never matches: the answer for unknown accounts takes
  // the same time.
  Async<Result<bool>> verify(std::string password, std::string hash);

 private:
  struct Ticket;
  boost::asio::thread_pool pool_;
  std::size_t limit_;
  std::size_t pending_ = 0;
};

// invalid_input when the password breaks a rule: 8 to 256 bytes, four different characters, not the
// account's name, not among the most used ones (NIST SP 800-63B, 5.1.1.2).
Status check_password(std::string_view password, std::string_view email);

}  // namespace auterity::api
