#pragma once
// One operation at a time per environment. The lock is a lease: who holds it, under which term, at
// which step, and until when it counts without being renewed. Each acquisition has a higher term
// than all before, and every journal record carries it, so that a holder that was thought dead is
// seen for what it is.
#include <cstdint>
#include <optional>
#include <string>

#include "core/error.h"
#include "core/json.h"
#include "core/time.h"

namespace auterity::operations {

struct Lease {
  std::string holder;     // "root@host pid 4711"
  std::string operation;  // kind, "up"
  std::string step;
  std::uint64_t term = 0;
  Time acquired_at;
  Time expires_at;
  bool released = false;
};
JsonObject to_json(const Lease& lease);
std::optional<Lease> parse_lease(const Json& value);

class OperationLock {
 public:
  virtual ~OperationLock() = default;
  // conflict, naming holder and step, while another one's lease counts.
  virtual Result<Lease> acquire(std::string holder, std::string operation) = 0;
  // What acquire() would say of another one's lease; nothing is taken or written.
  virtual Status check_free() = 0;
  // Says where the operation is and extends the lease; conflict when it was taken over meanwhile.
  virtual Status renew(const std::string& step) = 0;
  virtual Status release() = 0;
  // Whether a process that is alive holds the lock.
  virtual bool is_held() = 0;
  // The lease as last written, whoever holds it; nullopt when there never was one.
  virtual std::optional<Lease> peek() = 0;
};

}  // namespace auterity::operations
