#pragma once
// Which evaluator process serves which request. A process holds one program and serves one request
// at a time; requests of a program wait in order in its queue, here, so that the death of a process
// costs the one request that it was working on. Programs that have no process while there is no
// room for another wait in line; a process goes over to them when it is idle, or has served a fair
// number of requests since the line formed. Internal to the pool (evaluator_pool.h), which says
// what its options mean.
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/async.h"
#include "core/clock.h"
#include "core/task_group.h"
#include "engine/expression/evaluation.h"
#include "engine/expression/evaluator_pool.h"
#include "engine/expression/protocol.h"

namespace auterity::engine {

struct EvaluatorWorker;
struct EvaluatorRequest;

// A program while it has processes or waiting requests.
struct ProgramQueue {
  Program program;
  std::deque<std::shared_ptr<EvaluatorRequest>> waiting;
  std::size_t workers = 0;
  bool in_line = false;                 // waits for a process
  bool start_failed = false;            // the last process was killed before it was ready
  std::vector<protocol::NotJq> not_jq;  // known once a process has compiled the program
};

class EvaluatorScheduler {
 public:
  using QueuePtr = std::shared_ptr<ProgramQueue>;
  using WorkerPtr = std::shared_ptr<EvaluatorWorker>;
  using RequestPtr = std::shared_ptr<EvaluatorRequest>;

  EvaluatorScheduler(Executor executor, Clock& clock, const EvaluatorOptions& options);

  // The queue of the set's expressions `first` to `last` (not included). Kept while it is used.
  QueuePtr find_queue(const ExpressionSet& set, std::size_t first, std::size_t last,
                      const EvaluationLimits& limits);
  void forget_if_unused(const ProgramQueue& queue);
  // Sends `frame`, an evaluate request, to a process of this program. failed and timeout are the
  // request's fault, unavailable is not. A caller that is cancelled gives its request up; a process
  // that works on it goes on for others.
  Async<Result<protocol::Results>> submit(QueuePtr queue, std::string frame, std::size_t outcomes);

  EvaluatorStatistics statistics() const;
  std::vector<int> process_ids() const;
  Async<void> stop();

 private:
  bool wake_idle(const ProgramQueue& queue);
  void grow(const QueuePtr& queue);
  void start_worker(const QueuePtr& queue);
  void retire_longest_idle();
  void give_place_on(const WorkerPtr& worker);
  void fail_waiting(ProgramQueue& queue, const Error& error);

  Async<void> run(WorkerPtr worker);
  Async<bool> load(EvaluatorWorker& worker);
  Async<RequestPtr> next_request(EvaluatorWorker& worker);
  Async<bool> serve(EvaluatorWorker& worker, RequestPtr request);
  void begin_work(EvaluatorWorker& worker, Duration limit);
  void blame_program(EvaluatorWorker& worker, int status);
  void blame_request(EvaluatorWorker& worker, const RequestPtr& request, int status);
  void repeat_or_fail(EvaluatorWorker& worker, const RequestPtr& request);

  Async<void> watch();
  void watch_once();
  Async<void> prune();
  void prune_once();

  Executor executor_;
  Clock& clock_;
  const EvaluatorOptions& options_;
  std::unordered_map<std::string, QueuePtr> queues_;
  std::vector<WorkerPtr> workers_;
  std::deque<QueuePtr> line_;
  EvaluatorStatistics statistics_;
  bool stopping_ = false, watching_ = false, pruning_ = false;
  TaskGroup tasks_;
};

}  // namespace auterity::engine
