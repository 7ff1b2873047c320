#pragma once
// Starts many executions of one workflow at once, as a careful client does: every start carries its
// own Idempotency-Key, and one whose answer is lost, or that the platform cannot take just now, is
// sent again with the same key until it is acknowledged. Half of the starts wait for the end, the
// others ask to be answered at once. The input of a start is `number`, and `sleeps`, true for one
// in ten.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/http_client.h"
#include "core/system_clock.h"
#include "harness/event_loop.h"

namespace auterity::end_to_end {

struct LoadRequest {
  std::string url;    // of the platform
  std::string token;  // bearer
  std::string workflow_id;
  int starts = 0;
  int first = 0;  // number of the first one: two loads of the same numbers are the same executions
  int connections = 32;
  Duration over{};  // the starts are spread evenly over this time; zero: as fast as they go
  Duration limit = std::chrono::minutes(30);  // then what is left is given up
};

struct LoadOutcome {
  std::vector<std::string> ids;  // in the order of their numbers; empty: never acknowledged
  int acknowledged = 0;
  std::map<std::string, int> repeated;  // why a start was sent again, and how often
  std::vector<std::string> refused;     // answers that no repetition mends
};

class StartLoad {
 public:
  // `on_acknowledged` is called with how many starts are acknowledged by now, after each.
  StartLoad(LoadRequest request, std::function<void(int)> on_acknowledged);

  LoadOutcome run();

 private:
  Async<void> send_starts();
  // Comes when it is the turn of the start with this number.
  Async<void> turn_of(int number);
  Async<void> start(int number);
  HttpRequest start_request(int number) const;
  // Whether the start is settled.
  bool settle(int number, const Result<HttpResponse>& answer);

  LoadRequest request_;
  std::function<void(int)> on_acknowledged_;
  harness::EventLoop loop_;
  SystemClock clock_;
  std::unique_ptr<HttpClient> http_;
  LoadOutcome outcome_;
  Duration began_{};
  Duration deadline_{};
  int next_ = 0;
};

}  // namespace auterity::end_to_end
