#pragma once
// One keep-alive connection to a plain HTTP/1.1 server, as cheap as a load needs it: requests are
// bytes that the caller made, answers are status and body. Opened when it is first used, and again
// after it broke. Nothing is sent twice. Used on its executor's thread alone; cancelling the
// calling coroutine closes it.
#include <memory>
#include <string>

#include "core/async.h"
#include "core/error.h"

namespace auterity::operations {

struct LoadAddress {
  std::string host;  // numeric
  int port = 0;
};

struct LoadAnswer {
  int status = 0;
  std::string body;
};

class LoadConnection {
 public:
  LoadConnection(Executor executor, LoadAddress address);
  ~LoadConnection();

  // The whole answer. unavailable when the connection cannot be made or breaks before the answer is
  // complete; timeout after half a minute.
  Async<Result<LoadAnswer>> exchange(std::string request);

  // The head of an answer whose body comes bit by bit; then the bits, empty at its regular end.
  Async<Result<int>> open_stream(std::string request);
  Async<Result<std::string>> read_piece();

 private:
  Async<Status> send(std::string request);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace auterity::operations
