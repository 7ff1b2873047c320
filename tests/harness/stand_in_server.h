#pragma once
// An HTTP server on a free loopback port that stands in for services on the internet, so that tests
// need none. It runs on a thread of its own, answers what its handler says, and remembers every
// request. Stops when destroyed.
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace auterity::harness {

struct StandInRequest {
  std::string method;
  std::string path;                            // decoded, without query
  std::map<std::string, std::string> query;    // decoded; of repeated names the last
  std::string target;                          // as it was sent
  std::map<std::string, std::string> headers;  // names in lower case; repeated ones joined by ", "
  std::string body;
};

struct StandInAnswer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds delay{0};
};

class StandInServer {
 public:
  // Called on the server's thread, one request at a time.
  using Handler = std::function<StandInAnswer(const StandInRequest&)>;

  explicit StandInServer(Handler handler);
  ~StandInServer();
  StandInServer(const StandInServer&) = delete;
  StandInServer& operator=(const StandInServer&) = delete;

  int port() const;
  std::string url() const;  // "http://127.0.0.1:PORT"
  // Requests so far, in order of arrival.
  std::vector<StandInRequest> requests() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace auterity::harness
