#pragma once
// The engine's end of one evaluator process: started with an empty environment, a socket as its
// standard input, nothing else open and a process group of its own (Ctrl-C at a terminal is for us,
// who then stop it). Destroying the handle kills and reaps the process, so that neither a zombie
// nor a descriptor is left behind. Used from its executor's thread alone.
#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/async.h"
#include "core/error.h"

namespace auterity::engine {

class EvaluatorChild {
 public:
  // `command`: an absolute path and its arguments. unavailable when it cannot be started.
  static Result<std::unique_ptr<EvaluatorChild>> start(const Executor& executor,
                                                       const std::vector<std::string>& command);
  ~EvaluatorChild();
  EvaluatorChild(const EvaluatorChild&) = delete;
  EvaluatorChild& operator=(const EvaluatorChild&) = delete;

  // Sends a frame and reads the body of the answer. nullopt when the process closes the socket
  // first or answers more than `max_bytes`; it is of no use afterwards. `frame` outlives the call.
  Async<std::optional<std::string>> exchange(const std::string& frame, std::size_t max_bytes);
  // Whether it has closed its socket, as a process does that ends while nobody talks to it.
  bool has_hung_up() const;
  void kill();
  // Kills it if it still runs, and answers what waitpid() says. To be called once.
  Async<int> reap();
  pid_t process_id() const;

 private:
  struct Handles;
  explicit EvaluatorChild(std::unique_ptr<Handles> handles);
  std::unique_ptr<Handles> handles_;
};

}  // namespace auterity::engine
