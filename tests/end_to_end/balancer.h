#pragma once
// What HAProxy knows, asked from outside of the product: its log of requests, and by its admin
// socket how it divides them at this moment.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/time.h"

namespace auterity::end_to_end {

class Balancer {
 public:
  // `state`: an environment's folder.
  explicit Balancer(std::filesystem::path state) : state_(std::move(state)) {}

  struct Request {
    std::string id;
    std::string server;  // "green-api-1"
    int status = 0;
    Time accepted_at;  // to the millisecond
  };
  // Requests whose ids begin so, in the order in which they ended.
  std::vector<Request> requests(const std::string& id_prefix) const;

  // How many lines HAProxy left out since it was started: two of its threads that write at the same
  // moment do not wait for each other. The requests behind them were served like any other.
  int dropped_lines() const;

  // Weight of each server that may get requests, by name; empty when HAProxy does not answer.
  std::map<std::string, int> weights() const;
  // The same as its configuration file says it, with which the next HAProxy begins.
  std::map<std::string, int> kept_weights() const;

 private:
  std::string ask(const std::string& command) const;

  std::filesystem::path state_;
};

}  // namespace auterity::end_to_end
