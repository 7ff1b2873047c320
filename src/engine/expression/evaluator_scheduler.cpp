#include "engine/expression/evaluator_scheduler.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "engine/expression/evaluator_child.h"
#include "engine/expression/evaluator_process.h"

namespace auterity::engine {
namespace asio = boost::asio;
namespace {

// A fair number of requests before a process is given to another program that waits.
constexpr unsigned served_before_yielding = 64;
// Requests of one program that may wait for each of its processes before it gets another one:
// starting one costs what hundreds of evaluations cost.
constexpr std::size_t waiting_a_process = 8;
// Room in an answer for an expression's reason and framing.
constexpr std::size_t reason_bytes = 1024;
constexpr Duration prune_interval = std::chrono::seconds(30);
constexpr Duration slow_after = std::chrono::milliseconds(100);
constexpr Duration no_deadline = Duration::max();

// A condition variable of the event loop: a timer that never expires.
class Signal {
 public:
  explicit Signal(const Executor& executor)
      : timer_(executor, asio::steady_timer::time_point::max()) {}
  // Ends by notify() and by cancellation of the calling coroutine: look at what was waited for.
  Async<void> wait() {
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  void notify() { timer_.cancel(); }

 private:
  asio::steady_timer timer_;
};

std::unexpected<Error> stopped() {
  return fail(ErrorKind::cancelled, "the expression evaluators are stopping",
              "try again after the restart");
}

std::string_view why_it_died(int status) {
  if (WIFEXITED(status)) {
    return WEXITSTATUS(status) == static_cast<int>(EvaluatorExit::out_of_memory)
               ? "it needs more memory than an expression may use"
               : "its evaluator ended unexpectedly";
  }
  switch (WTERMSIG(status)) {
    case SIGSEGV:
    case SIGBUS:
      return "it nests or recurses too deeply, which crashed its evaluator";
    case SIGABRT:
      return "jq broke off on an internal error";
    case SIGSYS:
      return "it tried what the sandbox forbids";
    case SIGXCPU:
      return "it used up its evaluator's processor time";
    default:
      return "its evaluator was killed";
  }
}

bool killed_from_outside(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL; }

}  // namespace

struct EvaluatorRequest {
  EvaluatorRequest(const Executor& executor, std::string request_frame, std::size_t expected)
      : frame(std::move(request_frame)), outcomes(expected), answered(executor) {}
  std::string frame;
  std::size_t outcomes;
  Signal answered;
  std::optional<Result<protocol::Results>> answer;
  bool abandoned = false;  // its caller was cancelled
  bool repeated = false;

  void finish(Result<protocol::Results> result) {
    answer = std::move(result);
    answered.notify();
  }
};

struct EvaluatorWorker {
  EvaluatorWorker(const Executor& executor, EvaluatorScheduler::QueuePtr of_program,
                  std::unique_ptr<EvaluatorChild> started)
      : queue(std::move(of_program)), child(std::move(started)), wake(executor) {}
  EvaluatorScheduler::QueuePtr queue;
  std::unique_ptr<EvaluatorChild> child;
  Signal wake;
  bool idle = false;
  bool leaving = false;
  bool overran = false;
  Duration since{};                 // of being idle or busy, monotonic
  Duration deadline = no_deadline;  // of what it does now
  unsigned served = 0;              // since a line formed

  void retire() {
    leaving = true;
    wake.notify();
  }
};

EvaluatorScheduler::EvaluatorScheduler(Executor executor, Clock& clock,
                                       const EvaluatorOptions& options)
    : executor_(executor),
      clock_(clock),
      options_(options),
      // Work here ends by cancellation or not at all; anything else is a bug that must not leave
      // requests waiting for ever.
      tasks_(std::move(executor), "evaluators",
             [](std::string_view, std::exception_ptr error) { std::rethrow_exception(error); }) {}

EvaluatorScheduler::QueuePtr EvaluatorScheduler::find_queue(const ExpressionSet& set,
                                                            std::size_t first, std::size_t last,
                                                            const EvaluationLimits& limits) {
  bool whole = first == 0 && last == set.expressions().size();
  std::string key =
      whole ? set.fingerprint() : fmt::format("{}:{}-{}", set.fingerprint(), first, last);
  if (auto known = queues_.find(key); known != queues_.end()) return known->second;
  auto queue = std::make_shared<ProgramQueue>();
  queue->program = make_program(set, first, last, limits);
  queue->program.key = key;
  queues_.emplace(std::move(key), queue);
  return queue;
}

void EvaluatorScheduler::forget_if_unused(const ProgramQueue& queue) {
  if (queue.workers > 0 || !queue.waiting.empty() || queue.in_line) return;
  auto known = queues_.find(queue.program.key);
  if (known != queues_.end() && known->second.get() == &queue) queues_.erase(known);
}

Async<Result<protocol::Results>> EvaluatorScheduler::submit(QueuePtr queue, std::string frame,
                                                            std::size_t outcomes) {
  if (stopping_) co_return stopped();
  auto request = std::make_shared<EvaluatorRequest>(executor_, std::move(frame), outcomes);
  queue->waiting.push_back(request);
  if (!wake_idle(*queue)) grow(queue);
  if (!request->answer) co_await request->answered.wait();
  if (!request->answer) {
    request->abandoned = true;
    throw boost::system::system_error(asio::error::operation_aborted);
  }
  co_return std::move(*request->answer);
}

EvaluatorStatistics EvaluatorScheduler::statistics() const {
  EvaluatorStatistics now = statistics_;
  now.running = workers_.size();
  return now;
}

std::vector<int> EvaluatorScheduler::process_ids() const {
  std::vector<int> ids;
  for (const WorkerPtr& worker : workers_) ids.push_back(worker->child->process_id());
  return ids;
}

Async<void> EvaluatorScheduler::stop() {
  stopping_ = true;
  for (auto& [key, queue] : queues_) fail_waiting(*queue, stopped().error());
  for (const WorkerPtr& worker : workers_) worker->child->kill();
  tasks_.stop();
  co_await tasks_.join();
}

bool EvaluatorScheduler::wake_idle(const ProgramQueue& queue) {
  for (const WorkerPtr& worker : workers_) {
    if (worker->queue.get() != &queue || !worker->idle || worker->leaving) continue;
    worker->idle = false;
    worker->wake.notify();
    return true;
  }
  return false;
}

// Sees to it that waiting requests get a process: a new one, or one taken from a program that has
// nothing to do.
void EvaluatorScheduler::grow(const QueuePtr& queue) {
  if (queue->workers > 0 && queue->waiting.size() <= waiting_a_process * queue->workers) return;
  if (workers_.size() < options_.max_processes) return start_worker(queue);
  if (queue->workers > 0 || queue->in_line) return;
  queue->in_line = true;
  line_.push_back(queue);
  retire_longest_idle();
}

void EvaluatorScheduler::start_worker(const QueuePtr& queue) {
  auto child = EvaluatorChild::start(executor_, options_.command);
  if (!child) {
    if (queue->workers == 0) fail_waiting(*queue, child.error());
    return forget_if_unused(*queue);
  }
  auto worker = std::make_shared<EvaluatorWorker>(executor_, queue, std::move(*child));
  workers_.push_back(worker);
  ++queue->workers;
  ++statistics_.started;
  tasks_.spawn("evaluator", run(worker));
  if (!std::exchange(pruning_, true)) tasks_.spawn("prune evaluators", prune());
}

void EvaluatorScheduler::retire_longest_idle() {
  WorkerPtr longest;
  for (const WorkerPtr& worker : workers_) {
    if (worker->idle && !worker->leaving && (!longest || worker->since < longest->since))
      longest = worker;
  }
  if (longest) longest->retire();
}

// The end of a worker, however it came: its process is gone, and its place is given to whoever
// waits.
void EvaluatorScheduler::give_place_on(const WorkerPtr& worker) {
  std::erase(workers_, worker);
  QueuePtr queue = worker->queue;
  --queue->workers;
  worker->child.reset();
  if (stopping_) return;
  if (!line_.empty()) {
    QueuePtr next = std::move(line_.front());
    line_.pop_front();
    next->in_line = false;
    if (next->waiting.empty()) {
      forget_if_unused(*next);
    } else {
      start_worker(next);
    }
  }
  if (!queue->waiting.empty() && !wake_idle(*queue)) grow(queue);
  forget_if_unused(*queue);
}

void EvaluatorScheduler::fail_waiting(ProgramQueue& queue, const Error& error) {
  for (const RequestPtr& request : std::exchange(queue.waiting, {}))
    request->finish(std::unexpected(error));
}

Async<void> EvaluatorScheduler::run(WorkerPtr worker) {
  struct Leave {
    EvaluatorScheduler& scheduler;
    const WorkerPtr& worker;
    ~Leave() { scheduler.give_place_on(worker); }
  } leave{*this, worker};
  if (!co_await load(*worker)) co_return;
  while (auto request = co_await next_request(*worker)) {
    if (!co_await serve(*worker, request)) co_return;
  }
}

void EvaluatorScheduler::begin_work(EvaluatorWorker& worker, Duration limit) {
  worker.since = clock_.monotonic();
  worker.deadline = worker.since + limit;
  if (!std::exchange(watching_, true)) tasks_.spawn("watch evaluators", watch());
}

// Hands the program over and waits until it is compiled. false when the process did not survive
// that.
Async<bool> EvaluatorScheduler::load(EvaluatorWorker& worker) {
  ProgramQueue& queue = *worker.queue;
  begin_work(worker, options_.start_limit);
  auto body = co_await worker.child->exchange(
      queue.program.load_frame, reason_bytes * (queue.program.expressions.size() + 1));
  worker.deadline = no_deadline;
  if (auto not_jq = body ? protocol::read_ready(*body) : std::nullopt) {
    queue.not_jq = std::move(*not_jq);
    queue.start_failed = false;
    co_return true;
  }
  int status = co_await worker.child->reap();
  ++statistics_.died;
  blame_program(worker, status);
  co_return false;
}

// Answers those who wait for a program that killed its process, so that it does not kill one after
// the other. One that was killed from outside is started again, once.
void EvaluatorScheduler::blame_program(EvaluatorWorker& worker, int status) {
  ProgramQueue& queue = *worker.queue;
  if (queue.workers > 1) return;  // others hold the program
  if (worker.overran) {
    fail_waiting(queue,
                 {ErrorKind::timeout, "compiling the definition's expressions takes too long",
                  "simplify them, or split the workflow"});
  } else if (killed_from_outside(status)) {
    if (!std::exchange(queue.start_failed, true)) return;
    fail_waiting(queue,
                 {ErrorKind::unavailable, "an expression evaluator was killed while it started",
                  "look at what kills processes on this machine, such as a lack of memory"});
  } else if (WIFEXITED(status) &&
             WEXITSTATUS(status) != static_cast<int>(EvaluatorExit::out_of_memory)) {
    fail_waiting(queue,
                 {ErrorKind::unavailable, "an expression evaluator could not set up its sandbox",
                  "the kernel must allow seccomp filters and resource limits to this service"});
  } else {
    fail_waiting(queue,
                 {ErrorKind::failed, fmt::format("compiling failed: {}", why_it_died(status)),
                  "simplify the definition's expressions"});
  }
}

// nullptr when the process is to end.
Async<EvaluatorScheduler::RequestPtr> EvaluatorScheduler::next_request(EvaluatorWorker& worker) {
  ProgramQueue& queue = *worker.queue;
  while (!worker.leaving && !stopping_) {
    if (line_.empty()) worker.served = 0;
    if (!line_.empty() && (queue.waiting.empty() || worker.served >= served_before_yielding)) break;
    while (!queue.waiting.empty()) {
      RequestPtr request = std::move(queue.waiting.front());
      queue.waiting.pop_front();
      if (!request->abandoned) co_return request;
    }
    worker.idle = true;
    worker.since = clock_.monotonic();
    co_await worker.wake.wait();
    worker.idle = false;
  }
  co_return nullptr;
}

// false when the process is to end.
Async<bool> EvaluatorScheduler::serve(EvaluatorWorker& worker, RequestPtr request) {
  if (worker.child->has_hung_up()) {
    ++statistics_.died;
    repeat_or_fail(worker, request);
    co_return false;
  }
  ++worker.served;
  begin_work(worker, options_.evaluation_limit);
  auto body = co_await worker.child->exchange(
      request->frame, options_.max_result_bytes + reason_bytes * (request->outcomes + 1));
  worker.deadline = no_deadline;
  auto results =
      body ? protocol::read_results(*body, request->outcomes, options_.max_depth) : std::nullopt;
  if (results) {
    bool goes_on = !results->retire;
    request->finish(std::move(*results));
    co_return goes_on;
  }
  int status = co_await worker.child->reap();
  ++statistics_.died;
  blame_request(worker, request, status);
  co_return false;
}

void EvaluatorScheduler::blame_request(EvaluatorWorker& worker, const RequestPtr& request,
                                       int status) {
  if (worker.overran) {
    auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(options_.evaluation_limit);
    request->finish(fail(ErrorKind::timeout,
                         fmt::format("it did not finish within {} ms", limit.count()),
                         "look for a loop that never ends, or do less at once"));
  } else if (killed_from_outside(status)) {
    repeat_or_fail(worker, request);
  } else {
    request->finish(
        fail(ErrorKind::failed, std::string(why_it_died(status)), "simplify the expression"));
  }
}

// The request did not kill the process, and evaluating has no effects: it may be done again, once.
void EvaluatorScheduler::repeat_or_fail(EvaluatorWorker& worker, const RequestPtr& request) {
  if (std::exchange(request->repeated, true)) {
    request->finish(fail(ErrorKind::unavailable,
                         "its evaluator was killed, and so was the next one",
                         "look at what kills processes on this machine, such as a lack of memory"));
  } else if (!request->abandoned) {
    worker.queue->waiting.push_front(request);
  }
}

// Kills what passes its time limit, and gives programs that are held up by a slow expression
// another process. Runs while any is busy.
Async<void> EvaluatorScheduler::watch() {
  auto busy = [](const WorkerPtr& worker) { return worker->deadline != no_deadline; };
  while (std::ranges::any_of(workers_, busy)) {
    co_await clock_.sleep(options_.evaluation_limit / 4);
    watch_once();
  }
  watching_ = false;
}

void EvaluatorScheduler::watch_once() {
  Duration now = clock_.monotonic();
  std::vector<QueuePtr> held_up;
  for (const WorkerPtr& worker : workers_) {
    if (worker->deadline == no_deadline) continue;
    if (now >= worker->deadline) {
      worker->deadline = no_deadline;
      worker->overran = true;
      ++statistics_.overran;
      worker->child->kill();
    } else if (now - worker->since >= slow_after && !worker->queue->waiting.empty()) {
      held_up.push_back(worker->queue);
    }
  }
  for (const QueuePtr& queue : held_up) {
    if (workers_.size() < options_.max_processes && !queue->waiting.empty()) start_worker(queue);
  }
}

// Ends idle processes beyond the warm ones, and warm ones that nobody has used for long. Runs while
// there are any.
Async<void> EvaluatorScheduler::prune() {
  while (!workers_.empty()) {
    co_await clock_.sleep(prune_interval);
    prune_once();
  }
  pruning_ = false;
}

void EvaluatorScheduler::prune_once() {
  std::vector<WorkerPtr> idle;
  for (const WorkerPtr& worker : workers_) {
    if (worker->idle && !worker->leaving) idle.push_back(worker);
  }
  std::ranges::sort(idle, std::greater{}, [](const WorkerPtr& worker) { return worker->since; });
  for (std::size_t i = 0; i < idle.size(); ++i) {
    bool unused = clock_.monotonic() - idle[i]->since >= options_.idle_limit;
    if (i >= options_.warm_processes || unused) idle[i]->retire();
  }
}

}  // namespace auterity::engine
