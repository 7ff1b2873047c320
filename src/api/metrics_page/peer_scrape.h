#pragma once
// Reads the metrics of another process of this platform from its own endpoint: a unix socket, or
// loopback.
#include <string>

#include "api/http_server/listen_address.h"
#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"

namespace auterity::api {

// The text, within two seconds and 8 MiB; unavailable, timeout, too_large, failed (another answer
// than 200).
Async<Result<std::string>> scrape_metrics(Clock& clock, ListenAddress address);

}  // namespace auterity::api
