// Operations killed at every record of their journal (before it is written, cut off in the middle
// of it, and after it), on the way forward and on the way back, once and twice; whatever follows
// must end in a correct state. The target is simulated: effects are entries of a map, and a crash
// may leave one half done.
#include "operations/runner.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <optional>

#include "core/memory_files.h"
#include "operations/file_journal.h"

namespace auterity::operations {
namespace {

struct Crash {};

class StillClock final : public Clock {
 public:
  Time now() const override { return from_epoch_microseconds(1'700'000'000'000'000); }
  Duration monotonic() const override { return {}; }
  Async<void> sleep(Duration) override { co_return; }
};

template <typename T>
T run(Async<T> work) {
  boost::asio::io_context io;
  std::optional<T> value;
  std::exception_ptr thrown;
  boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr error, T result) {
    thrown = error;
    value.emplace(std::move(result));
  });
  io.run();
  if (thrown) std::rethrow_exception(thrown);
  return std::move(*value);
}

enum class Effect { absent, half, there };

// What outlives a process: the effects, the files, the last term.
struct SimulatedTarget {
  std::map<std::string, Effect> effects;
  std::map<std::string, int> applied;
  MemoryFiles files;
  std::uint64_t term = 0;
  bool locked = false;
  std::string failing_step;

  std::map<std::string, Effect> whole() const {
    std::map<std::string, Effect> there;
    for (const auto& [name, effect] : effects)
      if (effect != Effect::absent) there.emplace(name, effect);
    return there;
  }
};

class SimulatedStep final : public Step {
 public:
  SimulatedStep(SimulatedTarget& target, std::string name)
      : target_(target), name_(std::move(name)) {}
  Async<Result<Observation>> observe() override {
    const bool there = target_.effects[name_] == Effect::there;
    co_return Observation{there, there ? name_ + " is there" : name_ + " is absent"};
  }
  Async<Status> apply() override {
    target_.effects[name_] = Effect::half;
    if (target_.failing_step == name_) co_return fail(ErrorKind::failed, "it broke", "mend it");
    target_.effects[name_] = Effect::there;
    ++target_.applied[name_];
    co_return Status{};
  }
  Async<Status> undo() override {
    target_.effects[name_] = Effect::absent;
    co_return Status{};
  }

 private:
  SimulatedTarget& target_;
  std::string name_;
};

class SimulatedOperation final : public Operation {
 public:
  explicit SimulatedOperation(SimulatedTarget& target, UndoPolicy last = UndoPolicy::undo)
      : target_(target), last_(last) {}
  std::string_view kind() const override { return "build"; }
  JsonObject request() const override { return {{"size", 5}}; }
  Async<Result<Plan>> plan() override {
    Plan plan{"build", "test", {}, {}};
    bool complete = true;
    for (const auto& [name, policy] : steps()) {
      complete = complete && target_.effects[name] == Effect::there;
      plan.steps.push_back({name, "makes " + name, policy});
    }
    if (complete) plan.steps.clear();
    co_return plan;
  }
  Result<std::unique_ptr<Step>> bind(const PlannedStep& step) override {
    return std::make_unique<SimulatedStep>(target_, step.name);
  }
  bool supersedes(std::string_view) const override { return false; }

 private:
  std::vector<std::pair<std::string, UndoPolicy>> steps() const {
    return {{"ground", UndoPolicy::keep},
            {"walls", UndoPolicy::undo},
            {"windows", UndoPolicy::undo},
            {"papers", UndoPolicy::keep},
            {"roof", last_}};
  }
  SimulatedTarget& target_;
  UndoPolicy last_;
};

class SimulatedLock final : public OperationLock {
 public:
  explicit SimulatedLock(SimulatedTarget& target) : target_(target) {}
  Result<Lease> acquire(std::string holder, std::string operation) override {
    if (target_.locked) return fail(ErrorKind::conflict, "locked");
    target_.locked = true;
    return Lease{std::move(holder), std::move(operation), {}, ++target_.term, {}, {}, false};
  }
  Status renew(const std::string&) override { return {}; }
  Status release() override {
    target_.locked = false;
    return {};
  }
  bool is_held() override { return target_.locked; }
  std::optional<Lease> peek() override { return std::nullopt; }

 private:
  SimulatedTarget& target_;
};

enum class CrashMode { before_record, torn_record, after_record };

class CrashingJournal final : public Journal {
 public:
  CrashingJournal(SimulatedTarget& target, int crash_at, CrashMode mode)
      : target_(target), journal_(target.files, "/operations"), countdown_(crash_at), mode_(mode) {}
  Status append(const std::string& id, const Record& record) override {
    ++records;
    if (--countdown_ != 0) return journal_.append(id, record);
    if (mode_ == CrashMode::after_record) EXPECT_TRUE(journal_.append(id, record));
    if (mode_ == CrashMode::torn_record) {
      EXPECT_TRUE(target_.files.create_directories("/operations", 0755));
      const std::string line = to_line(record);
      EXPECT_TRUE(target_.files.append_durably("/operations/" + id + ".jsonl",
                                               line.substr(0, line.size() / 2), 0600));
    }
    throw Crash{};
  }
  Result<OperationHistory> load(const std::string& id) override { return journal_.load(id); }
  Result<std::vector<OperationHistory>> list() override { return journal_.list(); }

  int records = 0;

 private:
  SimulatedTarget& target_;
  FileJournal journal_;
  int countdown_;
  CrashMode mode_;
};

class Silent final : public RunObserver {
 public:
  void step_began(const PlannedStep&, bool) override {}
  void step_ended(const PlannedStep&, std::string_view) override {}
  void step_failed(const PlannedStep&, std::string_view) override {}
  void note(std::string_view) override {}
};

enum class Follow { resume, undo };
constexpr int kNever = 1'000'000;

// One process: it starts the operation, or goes on with the one that is in the journal; it may be
// killed at its nth record.
struct Attempt {
  bool crashed = false;
  int records = 0;
  Result<RunResult> result = fail(ErrorKind::internal, "did not end");
};

Attempt attempt(SimulatedTarget& target, Follow follow, int crash_at, CrashMode mode,
                UndoPolicy last = UndoPolicy::undo) {
  StillClock clock;
  SeededRandom random(7);
  Silent observer;
  CrashingJournal journal(target, crash_at, mode);
  SimulatedLock lock(target);
  SimulatedOperation operation(target, last);
  Runner runner({journal, lock, clock, random, observer}, {"someone@somewhere", "to see"});
  Attempt outcome;
  try {
    auto all = journal.list();
    EXPECT_TRUE(all) << (all ? "" : all.error().message);
    if (!all || all->empty())
      outcome.result = run(runner.start(operation));
    else if (follow == Follow::resume)
      outcome.result = run(runner.resume(operation, all->back()));
    else
      outcome.result = run(runner.undo(operation, all->back()));
  } catch (const Crash&) {
    outcome.crashed = true;
  }
  outcome.records = journal.records;
  return outcome;
}

const std::map<std::string, Effect> kEverything{{"ground", Effect::there},
                                                {"walls", Effect::there},
                                                {"windows", Effect::there},
                                                {"papers", Effect::there},
                                                {"roof", Effect::there}};

OperationHistory only_operation(SimulatedTarget& target) {
  FileJournal journal(target.files, "/operations");
  auto all = journal.list();
  EXPECT_TRUE(all);
  EXPECT_EQ(all->size(), 1u);
  return std::move(all->front());
}

// After any crashes: nothing is half done, and what is there is either everything, or what was kept
// and what was there before.
void expect_correct_end(SimulatedTarget& target, const std::map<std::string, Effect>& initially) {
  const OperationHistory history = only_operation(target);
  ASSERT_FALSE(history.unfinished()) << history.state_name(false);
  for (const auto& [name, effect] : target.effects)
    if (name != "ground" && name != "papers")  // a kept step that failed may stay half done
      EXPECT_NE(effect, Effect::half) << name;
  if (history.outcome == "done") {
    EXPECT_EQ(target.whole(), kEverything);
    return;
  }
  EXPECT_EQ(history.outcome, "undone");
  for (const std::string name : {"walls", "windows", "roof"})
    EXPECT_EQ(target.effects[name], initially.contains(name) ? Effect::there : Effect::absent)
        << name;
}

class CrashPoints : public ::testing::TestWithParam<CrashMode> {};

void crash_everywhere(CrashMode mode, const std::string& failing, Follow follow) {
  const std::map<std::string, Effect> initially{{"windows", Effect::there}};
  for (int first = 1; first < 100; ++first) {
    bool first_crashed = false;
    for (int second = 1; second < 100; ++second) {
      SCOPED_TRACE(testing::Message() << "failing step '" << failing << "', first crash at record "
                                      << first << ", second at " << second);
      SimulatedTarget target;
      target.effects = initially;
      target.failing_step = failing;
      const Attempt one = attempt(target, follow, first, mode);
      first_crashed = one.crashed;
      target.locked = false;  // the kernel gives up a dead process' lock
      if (!one.crashed) break;
      const Attempt two = attempt(target, follow, second, mode);
      target.locked = false;
      if (two.crashed) attempt(target, follow, kNever, mode);
      expect_correct_end(target, initially);
      if (!two.crashed || testing::Test::HasFailure()) break;
    }
    if (!first_crashed || testing::Test::HasFailure()) return;
  }
}

TEST_P(CrashPoints, ResumedForward) { crash_everywhere(GetParam(), "", Follow::resume); }
TEST_P(CrashPoints, UndoneInstead) { crash_everywhere(GetParam(), "", Follow::undo); }
TEST_P(CrashPoints, ResumedWhereAStepFails) {
  for (const std::string failing : {"ground", "walls", "windows", "papers", "roof"})
    crash_everywhere(GetParam(), failing, Follow::resume);
}
TEST_P(CrashPoints, UndoneWhereAStepFails) {
  for (const std::string failing : {"ground", "walls", "windows", "papers", "roof"})
    crash_everywhere(GetParam(), failing, Follow::undo);
}
INSTANTIATE_TEST_SUITE_P(Modes, CrashPoints,
                         ::testing::Values(CrashMode::before_record, CrashMode::torn_record,
                                           CrashMode::after_record));

TEST(Runner, LeavesAloneWhatWasThereBefore) {
  SimulatedTarget target;
  target.effects["windows"] = Effect::there;
  target.failing_step = "roof";
  const Attempt failed = attempt(target, Follow::resume, kNever, CrashMode::before_record);
  ASSERT_FALSE(failed.result);
  EXPECT_EQ(failed.result.error().message,
            "step roof: it broke; what this operation had started was taken back");
  EXPECT_EQ(target.effects["windows"], Effect::there);
  EXPECT_EQ(target.effects["walls"], Effect::absent);
  EXPECT_EQ(target.effects["ground"], Effect::there) << "kept";
}

TEST(Runner, AppliesNothingTwiceThatItSawDone) {
  SimulatedTarget target;
  ASSERT_TRUE(attempt(target, Follow::resume, 8, CrashMode::before_record).crashed);
  target.locked = false;
  ASSERT_TRUE(attempt(target, Follow::resume, kNever, CrashMode::before_record).result);
  for (const auto& [name, count] : target.applied) EXPECT_EQ(count, 1) << name;
}

TEST(Runner, WritesNothingWhenThereIsNothingToDo) {
  SimulatedTarget target;
  target.effects = kEverything;
  const Attempt idle = attempt(target, Follow::resume, kNever, CrashMode::before_record);
  ASSERT_TRUE(idle.result);
  EXPECT_EQ(idle.result->outcome, "nothing to do");
  EXPECT_EQ(idle.records, 0);
}

TEST(Runner, RefusesToUndoPastAnIrreversibleStep) {
  SimulatedTarget target;
  ASSERT_TRUE(
      attempt(target, Follow::undo, kNever, CrashMode::before_record, UndoPolicy::refuse).result);
  const Attempt undo =
      attempt(target, Follow::undo, kNever, CrashMode::before_record, UndoPolicy::refuse);
  ASSERT_FALSE(undo.result);
  EXPECT_EQ(undo.result.error().kind, ErrorKind::conflict);
  EXPECT_EQ(target.whole(), kEverything);
}

TEST(Runner, StopsAtAFailedIrreversibleStepAndCanBeResumed) {
  SimulatedTarget target;
  target.failing_step = "roof";
  const Attempt failed =
      attempt(target, Follow::resume, kNever, CrashMode::before_record, UndoPolicy::refuse);
  ASSERT_FALSE(failed.result);
  EXPECT_EQ(target.effects["walls"], Effect::there) << "nothing behind it is taken away";
  EXPECT_EQ(only_operation(target).state_name(false), "failed");
  target.failing_step.clear();
  const Attempt resumed =
      attempt(target, Follow::resume, kNever, CrashMode::before_record, UndoPolicy::refuse);
  ASSERT_TRUE(resumed.result) << resumed.result.error().message;
  EXPECT_EQ(target.whole(), kEverything);
}

TEST(Runner, RefusesASecondOperationWhileOneIsUnfinished) {
  SimulatedTarget target;
  ASSERT_TRUE(attempt(target, Follow::resume, 6, CrashMode::after_record).crashed);
  target.locked = false;
  StillClock clock;
  SeededRandom random(9);
  Silent observer;
  FileJournal journal(target.files, "/operations");
  SimulatedLock lock(target);
  SimulatedOperation operation(target);
  Runner runner({journal, lock, clock, random, observer}, {});
  const auto refused = run(runner.start(operation));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_NE(refused.error().hint.find("operations resume"), std::string::npos);
}

}  // namespace
}  // namespace auterity::operations
