#pragma once
// The evaluator with jq: a pool of evaluator processes of one event loop. A process belongs to one
// definition's expressions (equal ones share it), is started when first needed, kept warm while
// there is room, and replaced when it dies, loops, grows or has worked long. Requests of one
// definition are served in order; definitions that wait for a process get one of those that are
// idle, or that have served a fair number of requests. Evaluation has no effects, so a request
// whose process was killed from outside is repeated once; any other death is that request's
// failure. Used from its executor's thread alone; stop() before destroying it.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/async.h"
#include "core/clock.h"
#include "engine/expression/evaluator.h"

namespace auterity::engine {

struct EvaluatorOptions {
  // An absolute path and arguments of a program that calls run_evaluator_process(), such as
  // {"/proc/self/exe", "evaluator"}.
  std::vector<std::string> command;
  std::size_t warm_processes = 4;  // kept although idle
  std::size_t max_processes = 8;
  Duration evaluation_limit = std::chrono::seconds(1);  // one template
  Duration start_limit = std::chrono::seconds(10);      // start and compilation of all expressions
  Duration idle_limit = std::chrono::minutes(5);        // then even a warm one ends
  std::uint32_t max_data_bytes =
      32u << 20;  // data and arguments of one evaluation, in the protocol's form
  std::uint32_t max_result_bytes = 8u << 20;
  std::uint32_t max_depth = 128;  // of data, arguments and results
};

struct EvaluatorStatistics {
  std::size_t running = 0;    // processes alive now
  std::uint64_t started = 0;  // since the pool was made
  std::uint64_t died = 0;     // ended by themselves or from outside while in use
  std::uint64_t overran = 0;  // killed for passing a time limit
};

class EvaluatorPool : public Evaluator {
 public:
  virtual EvaluatorStatistics statistics() const = 0;
  virtual std::vector<int> process_ids() const = 0;
  // Ends every process; evaluations that wait answer `cancelled`, as do later ones.
  virtual Async<void> stop() = 0;
};

std::unique_ptr<EvaluatorPool> make_evaluator_pool(Executor executor, Clock& clock,
                                                   EvaluatorOptions options);

}  // namespace auterity::engine
