#include "api/metrics_page/metrics_application.h"

#include "api/problem.h"

namespace auterity::api {

Admission MetricsApplication::admit(Exchange& exchange) {
  exchange.request_id = "metrics";
  const bool reads =
      exchange.request.method == Method::get || exchange.request.method == Method::head;
  if (!reads) {
    refuse(exchange, 405, "only GET is answered here");
  } else if (exchange.request.path == "/metrics") {
    exchange.response.content_type = kMetricsContentType;
    exchange.response.body = page_.own();
  } else if (exchange.request.path == "/api/health/liveness") {
    exchange.response.body = R"({"status":"alive"})";
  } else {
    answer_problem(exchange,
                   {ErrorKind::not_found, "there is nothing at this path", "GET /metrics"});
  }
  return {.answered = true};
}

Async<void> MetricsApplication::handle(Exchange&) { co_return; }

void MetricsApplication::refuse(Exchange& exchange, int status, std::string_view reason) {
  answer_problem(exchange, problem_of_status(status, std::string(reason), "GET /metrics"));
}

}  // namespace auterity::api
