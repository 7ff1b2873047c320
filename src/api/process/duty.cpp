#include "api/process/duty.h"

#include <algorithm>

namespace auterity::api {

Async<void> repeat(Clock& clock, Log& log, Duty duty) {
  constexpr Duration kRetry = std::chrono::seconds(10);
  bool failed_before = false;
  while (true) {
    const Status done = co_await duty.run_once();
    // A server that is away for long is reported once, not every few seconds.
    if (!done && !failed_before)
      log.warning("duties", "a duty failed and is tried again",
                  {{"duty", Json(duty.name)}, {"reason", Json(done.error().message)}});
    failed_before = !done;
    co_await clock.sleep(done ? duty.interval : std::min(kRetry, duty.interval));
  }
}

}  // namespace auterity::api
