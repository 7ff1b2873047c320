#pragma once
// The certificate that a TLS server shows, whether it is trusted or not: connects, shakes hands,
// looks, and goes. Trust is judged as of the injected clock.
#include <cstdint>
#include <string>

#include "core/async.h"
#include "core/clock.h"
#include "operations/check/facts.h"

namespace auterity::operations::check {

struct TlsServer {
  std::string where;  // that names it: "REDIS_URL"
  std::string host;
  std::uint16_t port = 0;
  bool postgres = false;        // TLS begins after PostgreSQL's SSLRequest
  bool may_lack_tls = false;    // then it counts as nothing to look at
  bool checks_name = true;      // clients compare the host's name
  bool must_be_trusted = true;  // clients check who signed it
  std::string ca_file;          // authorities instead of the system's
};

// nullopt: it does without TLS, and may. unavailable when nobody answers there, or not in TLS; the
// message names `where` and no address.
Async<Result<std::optional<CertificateFacts>>> fetch_certificate(Clock& clock, TlsServer server);

}  // namespace auterity::operations::check
