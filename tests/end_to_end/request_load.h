#pragma once
// Ordinary requests without pause from several clients with keep-alive, each counted: what a
// person's browser and programs would have seen. Nothing is sent again, so whatever the platform
// loses shows. Each request has an id of its own, by which it is found in the platform's logs.
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
  std::map<std::string, std::string> failed_ids;  // the same requests: their ids, and why
  int unanswered = 0;                             // of the same: there was no answer at all
};

class RequestLoad {
 public:
  // GETs of `url` with `headers` from `clients` clients, until stop().
  RequestLoad(std::string url, HttpHeaders headers, int clients = 4);
  ~RequestLoad();

  // What its requests' ids begin with; no other load's do.
  const std::string& id_prefix() const { return id_prefix_; }
  // Answered so far, for tests that wait for the load to be under way.
  int sent() const { return sent_; }
  RequestLoadOutcome stop();

 private:
  void run(int clients);
  Async<void> send_requests(HttpClient& http);

  std::string url_;
  HttpHeaders headers_;
  std::string id_prefix_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> sent_ = 0;
  int begun_ = 0;  // this and `outcome_` are the thread's alone until it ended
  RequestLoadOutcome outcome_;
  std::thread thread_;
};

}  // namespace auterity::end_to_end
