#include "request_load.h"

#include "core/curl_http_client.h"
#include "core/task_group.h"
#include "harness/event_loop.h"

namespace auterity::end_to_end {

RequestLoad::RequestLoad(std::string url, HttpHeaders headers, int clients)
    : url_(std::move(url)),
      headers_(std::move(headers)),
      thread_([this, clients] { run(clients); }) {}

RequestLoad::~RequestLoad() { stop(); }

RequestLoadOutcome RequestLoad::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  return {sent_, failed_};
}

void RequestLoad::run(int clients) {
  harness::EventLoop loop;
  const auto http = make_curl_http_client(loop.executor(), {.user_agent = "auterity-load"});
  TaskGroup group(loop.executor(), "load", [this](std::string_view, std::exception_ptr) {
    ++failed_["a client ended by an exception"];
  });
  for (int client = 0; client < clients; ++client) group.spawn("client", send_requests(*http));
  loop.run(group.join());
}

Async<void> RequestLoad::send_requests(HttpClient& http) {
  while (!stopping_) {
    HttpRequest request;
    request.url = url_;
    request.headers = headers_;
    request.timeout = std::chrono::seconds(30);
    const auto answer = co_await http.send(std::move(request));
    ++sent_;
    if (!answer)
      ++failed_[answer.error().message];
    else if (answer->status != 200)
      ++failed_[std::to_string(answer->status) + " " + answer->body];
  }
}

}  // namespace auterity::end_to_end
