#pragma once
// The role serve: the HTTP API with an engine in place.
//
// Life: listens before it knows its dependencies (health answers at once, readiness says
// "starting"), becomes ready when the database answers with an accepted schema, however late that
// is. When asked to stop: readiness says 503 and every answer closes its connection, so that the
// proxy in front goes elsewhere; then no new connections, requests and event streams end,
// executions are handed over; each part bounded, at most 35 seconds together.
#include <functional>
#include <memory>

#include "api/process/engine_host.h"
#include "api/process/process_settings.h"

namespace auterity::api {

class ApiProcess {
 public:
  static Result<std::unique_ptr<ApiProcess>> make(Outside outside, ProcessSettings settings);
  ~ApiProcess();

  // conflict when an address is taken.
  Status listen();
  std::uint16_t port() const;
  // Another release takes over: ends event streams, whose clients reconnect, and gives running
  // executions to other processes at their next step boundary. Requests are served as before.
  void hand_over();
  // Serves until `stop` completes, then drains.
  Async<Status> run(Async<void> stop);

 private:
  ApiProcess();
  struct Parts;
  Async<void> drain();

  std::unique_ptr<Parts> parts_;
};

}  // namespace auterity::api
