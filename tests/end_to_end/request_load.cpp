#include "request_load.h"

#include <unistd.h>

#include "core/curl_http_client.h"
#include "core/task_group.h"
#include "harness/event_loop.h"

namespace auterity::end_to_end {
namespace {

std::string next_prefix() {
  static std::atomic<int> loads = 0;
  return "load-" + std::to_string(::getpid()) + "-" + std::to_string(++loads) + "-";
}

}  // namespace

RequestLoad::RequestLoad(std::string url, HttpHeaders headers, int clients)
    : url_(std::move(url)),
      headers_(std::move(headers)),
      id_prefix_(next_prefix()),
      thread_([this, clients] { run(clients); }) {}

RequestLoad::~RequestLoad() { stop(); }

RequestLoadOutcome RequestLoad::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  outcome_.sent = sent_;
  return outcome_;
}

void RequestLoad::run(int clients) {
  harness::EventLoop loop;
  const auto http = make_curl_http_client(loop.executor(), {.user_agent = "auterity-load"});
  TaskGroup group(loop.executor(), "load", [this](std::string_view, std::exception_ptr) {
    ++outcome_.failed["a client ended by an exception"];
  });
  for (int client = 0; client < clients; ++client) group.spawn("client", send_requests(*http));
  loop.run(group.join());
}

Async<void> RequestLoad::send_requests(HttpClient& http) {
  while (!stopping_) {
    const std::string id = id_prefix_ + std::to_string(++begun_);
    HttpRequest request;
    request.url = url_;
    request.headers = headers_;
    request.headers.emplace_back("X-Request-Id", id);
    request.timeout = std::chrono::seconds(30);
    const auto answer = co_await http.send(std::move(request));
    ++sent_;
    if (answer && answer->status == 200) continue;
    const std::string why = answer ? std::to_string(answer->status) : answer.error().message;
    ++outcome_.failed[answer ? why + " " + answer->body : why];
    outcome_.failed_ids[id] = why;
    if (!answer) ++outcome_.unanswered;
  }
}

}  // namespace auterity::end_to_end
