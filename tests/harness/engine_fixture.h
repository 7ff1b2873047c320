#pragma once
// What tests of the engine share: an engine on the memory store behind one that watches it, with
// simulated time, and a few small workflows.
#include <gmock/gmock.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/task_group.h"
#include "engine/executor/engine.h"
#include "harness/engine_world.h"

namespace auterity::engine {

using harness::EngineWorld;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

inline std::string document(std::string_view body) {
  return "document: {dsl: '1.0.3', namespace: test, name: engine, version: '1.0.0'}\n" +
         std::string(body);
}

inline constexpr std::string_view kSet = R"(
do:
  - greet: {set: {greeting: '${ "hello " + .name }'}}
)";
inline constexpr std::string_view kThreeCalls = R"(
do:
  - first: {call: http, with: {method: get, endpoint: 'https://example.com/1'}}
  - second: {call: http, with: {method: get, endpoint: 'https://example.com/2'}}
  - third: {call: http, with: {method: get, endpoint: 'https://example.com/3'}}
)";
inline constexpr std::string_view kLongWait = R"(
do:
  - pause: {wait: {hours: 5}}
  - done: {set: {done: true}}
)";
inline constexpr std::string_view kCall = R"(
do:
  - call: {call: http, with: {method: get, endpoint: 'https://example.com/1'}}
)";

// Counts what is written, and can be told to lose answers or to be away.
class WatchedStore final : public ExecutionStore {
 public:
  explicit WatchedStore(ExecutionStore& inner) : inner_(inner) {}
  int creates = 0, saves = 0;
  int lose_answers =
      0;  // of the next saves: they are carried out, and the caller is told otherwise
  bool away = false;
  bool broken = false;  // renewing throws, as a bug would
  std::vector<Checkpoint> checkpoints;
  std::function<Async<void>()> next_due_on_its_way;  // between the store's answer and its arrival

  Async<Result<Created>> create(const NewExecution& execution,
                                const std::optional<Checkpoint>& first, std::string owner,
                                std::optional<Duration> lease) override {
    ++creates;
    if (first) checkpoints.push_back(*first);
    co_return co_await inner_.create(execution, first, owner, lease);
  }
  Async<Status> save(const Checkpoint& checkpoint) override {
    if (away) co_return fail(ErrorKind::unavailable, "the store is away");
    ++saves;
    checkpoints.push_back(checkpoint);
    Status status = co_await inner_.save(checkpoint);
    if (lose_answers > 0) {
      --lose_answers;
      co_return fail(ErrorKind::unavailable, "the answer was lost");
    }
    co_return status;
  }
  Async<Result<std::vector<ClaimedExecution>>> claim(std::string owner, std::size_t limit,
                                                     Duration lease) override {
    return inner_.claim(std::move(owner), limit, lease);
  }
  Async<Result<std::optional<ClaimedExecution>>> claim_one(Uuid id, std::string owner,
                                                           Duration lease) override {
    return inner_.claim_one(id, std::move(owner), lease);
  }
  Async<Result<std::vector<Renewal>>> renew(std::vector<Lease> leases, Duration lease) override {
    if (broken) throw std::logic_error("a bug");
    if (away) co_return fail(ErrorKind::unavailable, "the store is away");
    co_return co_await inner_.renew(std::move(leases), lease);
  }
  Async<Status> release(std::vector<Lease> leases) override {
    return inner_.release(std::move(leases));
  }
  Async<Result<std::optional<Time>>> next_due() override {
    auto due = co_await inner_.next_due();
    if (next_due_on_its_way) co_await next_due_on_its_way();
    co_return due;
  }
  Async<Status> request(Uuid id, ControlAction action) override {
    return inner_.request(id, action);
  }
  Async<Status> restart(Uuid id, std::int64_t seq, std::string state,
                        std::vector<HistoryEvent> events) override {
    return inner_.restart(id, seq, std::move(state), std::move(events));
  }
  Async<Result<ExecutionView>> find(Uuid id) override { return inner_.find(id); }
  Async<Result<std::vector<ExecutionView>>> list(ExecutionFilter filter) override {
    return inner_.list(filter);
  }
  Async<Result<std::vector<HistoryEvent>>> history(Uuid id, std::int64_t after,
                                                   std::size_t limit) override {
    return inner_.history(id, after, limit);
  }
  Async<Result<ClaimedExecution>> inspect(Uuid id) override { return inner_.inspect(id); }

 private:
  ExecutionStore& inner_;
};

class EngineTest : public testing::Test {
 protected:
  EngineTest()
      : loops_(world_.loop.get_executor(), "test", [this](auto, auto) {
          EXPECT_TRUE(store_.broken);
          ++broken_engines_;
        }) {}

  void TearDown() override {
    for (auto& engine : engines_) world_.clock.run(engine->drain(seconds(0)));
    world_.clock.run_until([&] { return loops_.running() == 0; });
  }

  Engine& engine(EngineOptions options = EngineWorld::options("a")) {
    engines_.push_back(make_engine(world_.services(store_), std::move(options)));
    loops_.spawn("engine", engines_.back()->run());
    return *engines_.back();
  }

  StartRequest request(std::string_view body, Json input = nullptr) {
    StartRequest request;
    request.workflow_id = world_.workflows.add(document(body));
    request.definition = *run(world_.workflows.definition(request.workflow_id));
    request.input = std::move(input);
    return request;
  }
  Uuid start(Engine& engine, StartRequest request) {
    auto created = run(engine.start(std::move(request)));
    EXPECT_TRUE(created) << created.error().message;
    return created->id;
  }
  ExecutionView wait(Engine& engine, Uuid id, Duration limit = hours(24)) {
    auto view = run(engine.wait(id, limit));
    EXPECT_TRUE(view) << view.error().message;
    return *view;
  }
  std::vector<std::string> history(Uuid id) {
    std::vector<std::string> types;
    std::int64_t number = 0;
    for (const HistoryEvent& event : *run(world_.store.history(id, 0, 1000))) {
      EXPECT_EQ(event.number, ++number);
      types.push_back(event.type);
    }
    return types;
  }
  template <typename T>
  T run(Async<T> work) {
    return world_.clock.run(std::move(work));
  }

  void run_void(Async<void> work) { world_.clock.run(std::move(work)); }

  EngineWorld world_;
  WatchedStore store_{world_.store};
  int broken_engines_ = 0;  // whose run() ended by an exception
  TaskGroup loops_;
  std::vector<std::unique_ptr<Engine>> engines_;
};

}  // namespace auterity::engine
