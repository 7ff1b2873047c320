#pragma once
// What the server asks of the application: one exchange at a time a connection, in this order:
// admit (header read), handle (unless admitted with an answer), finished (answer written).
// Everything but handle() is synchronous and must not block, which is what makes a cheap route
// cheap: no coroutine, no allocation.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "api/http_server/request.h"
#include "api/http_server/response.h"
#include "core/async.h"
#include "core/time.h"

namespace auterity::api {

struct Route;
struct Principal;

struct Exchange {
  Request request;
  Response response;
  std::string request_id;
  std::string trace_id;          // of a valid traceparent; else empty
  std::string path_parameter;    // the {id} or {name} of the route's template, decoded
  Duration started{};            // monotonic, when the header was complete
  const Route* route = nullptr;  // null: no such path
  std::shared_ptr<const Principal> principal;  // null: not signed in

  void clear();
};

struct Admission {
  bool answered = false;         // the response is filled in; the body is not wanted
  bool streamed = false;         // give the body as Request::stream instead of Request::body
  std::uint64_t body_limit = 0;  // bytes
};

class Application {
 public:
  virtual ~Application() = default;
  virtual Admission admit(Exchange& exchange) = 0;
  // Never throws; fills in the response whatever happens.
  virtual Async<void> handle(Exchange& exchange) = 0;
  // The request could not be read: fill in an error document. What is known of the request is in
  // the exchange.
  virtual void refuse(Exchange& exchange, int status, std::string_view reason) = 0;
  virtual void finished(const Exchange& exchange, std::uint64_t body_bytes) = 0;
};

}  // namespace auterity::api
