#pragma once
// Ordinary requests without pause from several clients with keep-alive, each counted: what a
// person's browser and programs would have seen. Nothing is sent again, so whatever the platform
// loses shows.
#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "core/async.h"
#include "core/http_client.h"

namespace auterity::end_to_end {

struct RequestLoadOutcome {
  int sent = 0;
  std::map<std::string, int> failed;  // by status or error; empty: every one was answered with 200
};

class RequestLoad {
 public:
  // GETs of `url` with `headers` from `clients` clients, until stop().
  RequestLoad(std::string url, HttpHeaders headers, int clients = 4);
  ~RequestLoad();

  // Answered so far, for tests that wait for the load to be under way.
  int sent() const { return sent_; }
  RequestLoadOutcome stop();

 private:
  void run(int clients);
  Async<void> send_requests(HttpClient& http);

  std::string url_;
  HttpHeaders headers_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> sent_ = 0;
  std::map<std::string, int> failed_;  // the thread's alone until it ended
  std::thread thread_;
};

}  // namespace auterity::end_to_end
