#pragma once
// The middleware of the API, in the order in which a request meets it: request id and trace
// context, route, authentication, permission, content type and size, handler; and on the way out:
// metrics and the access log. Everything a request can do wrong is answered by a problem document;
// a handler's exception is a bug, is logged, and answers 500.
#include <optional>
#include <string>
#include <vector>

#include "api/http_server/application.h"
#include "api/request_id.h"
#include "api/request_metrics.h"
#include "api/routing/router.h"
#include "api/services.h"

namespace auterity::api {

class ApiApplication final : public Application {
 public:
  // `routes` and `services` must outlive it. `metrics_token`: bearer token for routes open to this
  // machine; empty: none.
  ApiApplication(const std::vector<Route>& routes, Services& services, std::string metrics_token);

  Admission admit(Exchange& exchange) override;
  Async<void> handle(Exchange& exchange) override;
  void refuse(Exchange& exchange, int status, std::string_view reason) override;
  void finished(const Exchange& exchange, std::uint64_t body_bytes) override;

 private:
  void begin(Exchange& exchange);
  bool find_route(Exchange& exchange);
  Status authorize(Exchange& exchange);
  std::optional<Error> check_content_type(const Exchange& exchange) const;
  void fail_with(Exchange& exchange, const Error& error);

  Router router_;
  Services& services_;
  std::string metrics_token_;
  RequestIds request_ids_;
  RequestMetrics request_metrics_;
};

}  // namespace auterity::api
