#pragma once
// A service on the internet that workflows under test have an effect on. It knows an effect by the
// Idempotency-Key of the call: the first call with a key is the effect, later ones are repeats of
// it. Each call names the start that it belongs to by `number` in its JSON body, and is answered
// with that body. As services do, it takes its time: at every moment of a load some calls are under
// way, so whoever is killed is killed in the middle of some. Calls of starts whose body says
// `sleeps` are few and take longest.
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "harness/stand_in_server.h"

namespace auterity::end_to_end {

class EffectRecorder {
 public:
  explicit EffectRecorder(std::chrono::milliseconds delay = std::chrono::milliseconds(100));

  std::string url() const { return server_.url() + "/effects"; }

  using CallsByKey = std::map<std::string, int>;
  struct Record {
    std::map<std::int64_t, CallsByKey> by_number;
    int unreadable = 0;  // calls without a key or a number

    int effects() const;  // different keys
    int repeats() const;  // calls with a key that was there already
  };
  Record record() const;

 private:
  harness::StandInAnswer answer(const harness::StandInRequest& request);

  std::chrono::milliseconds delay_;
  mutable std::mutex mutex_;  // of `record_`
  Record record_;
  harness::StandInServer server_;
};

}  // namespace auterity::end_to_end
