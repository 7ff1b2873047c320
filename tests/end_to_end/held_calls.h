#pragma once
// A service on the internet that answers when it is told to: the calls that are under way until
// then are in the middle of an effect. Calls are told apart by their Idempotency-Key.
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>

#include "harness/stand_in_server.h"

namespace auterity::end_to_end {

class HeldCalls {
 public:
  HeldCalls();
  ~HeldCalls() { release(); }

  std::string url() const { return server_.url() + "/effects"; }
  // Answers what waits and whatever comes; each call with its own body.
  void release();
  // From here on calls wait again.
  void hold();
  // Whether a call waits for its answer.
  bool holds_one() const;
  // How often each key was called so far.
  std::map<std::string, int> calls() const;

 private:
  harness::StandInAnswer answer(const harness::StandInRequest& request);

  mutable std::mutex mutex_;
  std::condition_variable released_;
  bool holding_ = true;
  int waiting_ = 0;
  std::map<std::string, int> calls_;
  harness::StandInServer server_;
};

}  // namespace auterity::end_to_end
