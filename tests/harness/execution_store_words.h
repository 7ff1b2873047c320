#pragma once
// Short words for what the rules of an execution store say (execution_store_contract.h).
#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "harness/execution_store_contract.h"

namespace auterity::harness {

using namespace engine;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr Duration kLease = seconds(15);

class Words {
 public:
  explicit Words(ExecutionStoreWorld& world) : world_(world) {}

  template <typename T>
  T run(Async<T> work) {
    return world_.loop().run(std::move(work));
  }
  ExecutionStore& store() { return world_.store(); }

  NewExecution fresh(Json input = JsonObject{{"n", 1}}) {
    NewExecution execution;
    execution.created_at = world_.now();
    execution.id = make_uuid(execution.created_at, world_.random);
    execution.workflow_id = workflow_;
    execution.input = std::move(input);
    execution.workflow_type = "test";
    execution.trigger = "api";
    execution.started_by = "user";
    return execution;
  }
  Checkpoint checkpoint(const Uuid& id, std::int64_t term, std::int64_t seq) {
    Checkpoint checkpoint;
    checkpoint.id = id;
    checkpoint.term = term;
    checkpoint.seq = seq;
    checkpoint.state = R"({"format":1,"seq":)" + std::to_string(seq) + "}";
    HistoryEvent event;
    event.number = seq;
    event.at = world_.now();
    event.type = "task.completed";
    event.task = "/do/0/step";
    checkpoint.events.push_back(std::move(event));
    return checkpoint;
  }
  Checkpoint ended(const Uuid& id, std::int64_t term, std::int64_t seq,
                   ExecutionStatus status = ExecutionStatus::completed) {
    Checkpoint last = checkpoint(id, term, seq);
    last.status = status;
    last.wake = WakeReason::none;
    last.state.clear();
    last.output = Json(JsonObject{{"done", true}});
    last.finished_at = world_.now();
    return last;
  }
  Checkpoint asleep(const Uuid& id, std::int64_t term, std::int64_t seq, Duration wait) {
    Checkpoint sleeping = checkpoint(id, term, seq);
    sleeping.status = ExecutionStatus::waiting;
    sleeping.wake = WakeReason::timer;
    sleeping.wake_at = world_.now() + wait;
    return sleeping;
  }
  Checkpoint suspended(const Uuid& id, std::int64_t term, std::int64_t seq) {
    Checkpoint resting = checkpoint(id, term, seq);
    resting.status = ExecutionStatus::suspended;
    resting.wake = WakeReason::suspended;
    return resting;
  }

  // A new execution leased to "a" in term 1, without a checkpoint.
  Uuid leased() {
    const NewExecution execution = fresh();
    const auto created = run(store().create(execution, std::nullopt, "a", kLease));
    EXPECT_TRUE(created) << created.error().message;
    EXPECT_EQ(created->term, 1);
    return execution.id;
  }
  std::vector<ClaimedExecution> claim(std::size_t limit = 10) {
    auto claimed = run(store().claim("b", limit, kLease));
    EXPECT_TRUE(claimed) << claimed.error().message;
    return *claimed;
  }
  ClaimedExecution claim_only() {
    auto claimed = claim();
    EXPECT_EQ(claimed.size(), 1u);
    return claimed.empty() ? ClaimedExecution{} : claimed.front();
  }
  ExecutionView view(const Uuid& id) {
    auto found = run(store().find(id));
    EXPECT_TRUE(found) << found.error().message;
    return *found;
  }
  ErrorKind kind_of(Status status) {
    EXPECT_FALSE(status);
    return status ? ErrorKind::internal : status.error().kind;
  }
  Status save(Checkpoint checkpoint) { return run(store().save(std::move(checkpoint))); }

 private:
  ExecutionStoreWorld& world_;
  Uuid workflow_ = make_uuid(from_epoch_microseconds(1'700'000'000'000'000), world_.random);
};

// The rules about what people ask of an execution: execution_store_control_rules.cpp.
std::span<const ExecutionStoreRule> execution_store_control_rules();

}  // namespace auterity::harness
