// The runner with a simulated target: effects are entries of a map, and a killed process may leave
// one half done. Killed everywhere by harness/operation_crashes.h, `up` and `down` with their real
// plans as well.
#include "operations/runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "harness/operation_crashes.h"
#include "operations/up/down.h"
#include "operations/up/up.h"

namespace auterity::operations {
namespace {

using harness::Follow;
using harness::Kill;
using harness::live;
using harness::ProcessLife;

enum class Effect { absent, half, there };
using Effects = std::map<std::string, Effect>;

// Steps of any plan.
class SimulatedTarget : public harness::CrashWorld {
 public:
  explicit SimulatedTarget(Plan plan) : plan_(std::move(plan)) {}

  std::unique_ptr<Operation> make_operation() override;
  void expect_correct_end(const OperationHistory& history) override;

  // What is there, whole or not.
  Effects present() const {
    Effects present;
    for (const auto& [name, effect] : effects)
      if (effect != Effect::absent) present.emplace(name, effect);
    return present;
  }
  const Plan& plan() const { return plan_; }
  void begin_with(Effects present) {
    initially_ = present;
    effects = std::move(present);
  }

  Effects effects;
  std::map<std::string, int> applied;
  std::string failing_step;
  std::set<std::string> unknown_steps;  // of a build that is not the one which planned them

 private:
  Plan plan_;
  Effects initially_;
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
    if (target_.failing_step == name_)
      co_return fail(ErrorKind::invalid_input, "it broke", "mend it");
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
  explicit SimulatedOperation(SimulatedTarget& target) : target_(target) {}
  std::string_view kind() const override { return target_.plan().operation; }
  JsonObject request() const override { return {{"size", 5}}; }
  Async<Result<Plan>> plan() override {
    Plan plan = target_.plan();
    const bool complete = std::ranges::all_of(plan.steps, [&](const PlannedStep& step) {
      return target_.effects[step.name] == Effect::there;
    });
    if (complete) plan.steps.clear();
    co_return plan;
  }
  Result<std::unique_ptr<Step>> bind(const PlannedStep& step) override {
    if (target_.unknown_steps.contains(step.name))
      return fail(ErrorKind::not_found, "build has no step named " + step.name);
    return std::make_unique<SimulatedStep>(target_, step.name);
  }
  std::string way_back(const OperationHistory&) const override { return "build another one"; }
  bool supersedes(std::string_view) const override { return false; }

 private:
  SimulatedTarget& target_;
};

std::unique_ptr<Operation> SimulatedTarget::make_operation() {
  return std::make_unique<SimulatedOperation>(*this);
}

// Either everything is there, or what can be taken back is as it was.
void SimulatedTarget::expect_correct_end(const OperationHistory& history) {
  for (const PlannedStep& step : plan_.steps) {
    const Effect effect = effects[step.name];
    if (history.outcome == "done") {
      EXPECT_EQ(effect, Effect::there) << step.name;
    } else if (step.undo_policy == UndoPolicy::undo) {
      EXPECT_EQ(history.outcome, "undone");
      EXPECT_EQ(effect, initially_.contains(step.name) ? Effect::there : Effect::absent)
          << step.name;
    }
  }
}

Plan house(UndoPolicy last = UndoPolicy::undo) {
  Plan plan{"build", "test", {}, {}};
  for (const auto& [name, policy] :
       std::initializer_list<std::pair<std::string, UndoPolicy>>{{"ground", UndoPolicy::keep},
                                                                 {"walls", UndoPolicy::undo},
                                                                 {"windows", UndoPolicy::undo},
                                                                 {"papers", UndoPolicy::keep},
                                                                 {"roof", last}})
    plan.steps.push_back({name, "makes " + name, policy});
  return plan;
}

Effects everything() {
  Effects effects;
  for (const PlannedStep& step : house().steps) effects.emplace(step.name, Effect::there);
  return effects;
}

Plan whole_up() {
  local::Platform platform;
  platform.layout = {"/h", "test", "/run/t", "/etc/auterity"};
  platform.drops_privileges = true;
  platform.pool().version = "1.2.3";
  return plan_up(platform, {});
}

Plan whole_down() {
  local::Platform platform;
  return plan_down("test", platform.service_names(), true, true);
}

constexpr int kStride = 11;  // of the second kill point, for plans of many steps

class CrashPoints : public ::testing::TestWithParam<Kill> {
 protected:
  static void kill_everywhere(const Plan& plan, const Effects& initially,
                              const std::string& failing, Follow follow, int stride) {
    SCOPED_TRACE("failing step: '" + failing + "'");
    const int pairs = harness::kill_at_every_record(
        [&]() -> std::unique_ptr<harness::CrashWorld> {
          auto target = std::make_unique<SimulatedTarget>(plan);
          target->begin_with(initially);
          target->failing_step = failing;
          return target;
        },
        GetParam(), follow, stride);
    EXPECT_GT(pairs, 10) << "kill points that were never met prove nothing";
  }
  static void kill_house(const std::string& failing, Follow follow) {
    kill_everywhere(house(), {{"windows", Effect::there}}, failing, follow, 1);
  }
};

TEST_P(CrashPoints, ResumedForward) { kill_house("", Follow::resume); }
TEST_P(CrashPoints, UndoneInstead) { kill_house("", Follow::undo); }
TEST_P(CrashPoints, ResumedWhereAStepFails) {
  for (const PlannedStep& step : house().steps) kill_house(step.name, Follow::resume);
}
TEST_P(CrashPoints, UndoneWhereAStepFails) {
  for (const PlannedStep& step : house().steps) kill_house(step.name, Follow::undo);
}
TEST_P(CrashPoints, OfUp) {
  for (const Follow follow : {Follow::resume, Follow::undo}) {
    kill_everywhere(whole_up(), {}, "", follow, kStride);
    kill_everywhere(whole_up(), {{"postgres", Effect::there}}, "haproxy", follow, kStride);
  }
}
TEST_P(CrashPoints, OfDown) {
  for (const Follow follow : {Follow::resume, Follow::undo}) {
    kill_everywhere(whole_down(), {}, "", follow, kStride);
    kill_everywhere(whole_down(), {{"stop-haproxy", Effect::there}}, "stop-postgres", follow,
                    kStride);
  }
}
INSTANTIATE_TEST_SUITE_P(Modes, CrashPoints,
                         ::testing::Values(Kill::before_record, Kill::torn_record,
                                           Kill::after_record));

TEST(Runner, LeavesAloneWhatWasThereBefore) {
  SimulatedTarget target(house());
  target.effects["windows"] = Effect::there;
  target.failing_step = "roof";
  const ProcessLife failed = live(target, Follow::resume);
  ASSERT_FALSE(failed.result);
  EXPECT_EQ(failed.result.error().message,
            "step roof: it broke; what this operation had started was taken back");
  EXPECT_EQ(failed.result.error().kind, ErrorKind::failed) << "it is no bad usage of a command";
  EXPECT_EQ(target.effects["windows"], Effect::there);
  EXPECT_EQ(target.effects["walls"], Effect::absent);
  EXPECT_EQ(target.effects["ground"], Effect::there) << "kept";
}

TEST(Runner, AppliesNothingTwiceThatItSawDone) {
  SimulatedTarget target(house());
  ASSERT_TRUE(live(target, Follow::resume, 8).killed);
  ASSERT_TRUE(live(target, Follow::resume).result);
  for (const auto& [name, count] : target.applied) EXPECT_EQ(count, 1) << name;
}

TEST(Runner, WritesNothingWhenThereIsNothingToDo) {
  SimulatedTarget target(house());
  target.effects = everything();
  const ProcessLife idle = live(target, Follow::resume);
  ASSERT_TRUE(idle.result);
  EXPECT_EQ(idle.result->outcome, "nothing to do");
  EXPECT_EQ(idle.records, 0);
}

TEST(Runner, RefusesToUndoPastAnIrreversibleStep) {
  SimulatedTarget target(house(UndoPolicy::refuse));
  ASSERT_TRUE(live(target, Follow::undo).result);
  const ProcessLife undo = live(target, Follow::undo);
  ASSERT_FALSE(undo.result);
  EXPECT_EQ(undo.result.error().kind, ErrorKind::conflict);
  EXPECT_EQ(target.present(), everything());
}

Plan house_of(UndoPolicy policy, bool lasting) {
  Plan plan = house();
  for (PlannedStep& step : plan.steps) {
    step.undo_policy = policy;
    step.lasting = lasting;
  }
  return plan;
}

TEST(Runner, RefusesToUndoWhatIsDoneAndLeftNothingToTakeBack) {
  for (const Plan& plan : {house_of(UndoPolicy::keep, true), house_of(UndoPolicy::undo, false)}) {
    SimulatedTarget target(plan);
    ASSERT_TRUE(live(target, Follow::undo).result);
    const ProcessLife undo = live(target, Follow::undo);
    ASSERT_FALSE(undo.result);
    EXPECT_EQ(undo.result.error().kind, ErrorKind::conflict);
    EXPECT_EQ(undo.result.error().hint, "build another one");
    EXPECT_EQ(undo.records, 0);
    EXPECT_EQ(target.only_operation().outcome, "done");
    EXPECT_EQ(target.present(), everything());
  }
}

// What was put out of work for a moment by a step that was cut off is settled, and nothing more.
TEST(Runner, UndoesWhatWasCutOffThoughEverythingOfItStays) {
  SimulatedTarget target(house_of(UndoPolicy::keep, true));
  ASSERT_TRUE(live(target, Follow::resume, 8, Kill::after_record).killed);
  const ProcessLife undo = live(target, Follow::undo);
  ASSERT_TRUE(undo.result) << undo.result.error().message;
  EXPECT_EQ(undo.result->outcome, "undone");
}

TEST(Runner, SaysWhatStaysOfWhatWasTakenBack) {
  SimulatedTarget target(house());
  ASSERT_TRUE(live(target, Follow::undo).result);
  const ProcessLife undo = live(target, Follow::undo);
  ASSERT_TRUE(undo.result) << undo.result.error().message;
  EXPECT_EQ(undo.result->stays, "what these steps did stays: ground, papers");
}

TEST(Runner, HintsAtAWayBackFromWhatIsDone) {
  SimulatedTarget target(house(UndoPolicy::refuse));
  ASSERT_TRUE(live(target, Follow::undo).result);
  const ProcessLife undo = live(target, Follow::undo);
  ASSERT_FALSE(undo.result);
  EXPECT_EQ(undo.result.error().hint, "build another one") << "it cannot be resumed";
  EXPECT_EQ(undo.records, 0);
}

TEST(Runner, StopsAtAFailedIrreversibleStepAndCanBeResumed) {
  SimulatedTarget target(house(UndoPolicy::refuse));
  target.failing_step = "roof";
  const ProcessLife failed = live(target, Follow::resume);
  ASSERT_FALSE(failed.result);
  EXPECT_EQ(target.effects["walls"], Effect::there) << "nothing behind it is taken away";
  EXPECT_EQ(target.only_operation().state_name(false), "failed");
  target.failing_step.clear();
  const ProcessLife resumed = live(target, Follow::resume);
  ASSERT_TRUE(resumed.result) << resumed.result.error().message;
  EXPECT_EQ(target.present(), everything());
}

TEST(Runner, RefusesASecondOperationWhileOneIsUnfinished) {
  SimulatedTarget target(house());
  ASSERT_TRUE(live(target, Follow::resume, 6, Kill::after_record).killed);
  const ProcessLife second = live(target, Follow::start_another);
  const auto& refused = second.result;
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_NE(refused.error().hint.find("operations resume"), std::string::npos);
}

// One process that starts building, and something beside it.
class Beginnings : public ::testing::Test {
 protected:
  Result<RunResult> start(Status answer) {
    SeededRandom random(7);
    harness::crashes::Silent observer;
    harness::crashes::MemoryLock lock(target_);
    FileJournal journal(target_.files, std::string(harness::CrashWorld::kJournal));
    Runner runner({journal, lock, target_.clock(), random, observer}, {"ada@here", "to see"});
    const auto operation = target_.make_operation();
    return target_.run(runner.start(*operation, [&]() -> Async<Status> {
      ++begun_;
      locked_ = target_.locked;
      present_ = target_.present();
      co_return answer;
    }));
  }

  SimulatedTarget target_{house()};
  int begun_ = 0;
  bool locked_ = false;
  Effects present_;
};

TEST_F(Beginnings, ComeUnderTheLockBeforeTheFirstStep) {
  ASSERT_TRUE(start({}));
  EXPECT_EQ(begun_, 1);
  EXPECT_TRUE(locked_);
  EXPECT_EQ(present_, Effects{});
  EXPECT_EQ(target_.present(), everything());
}

TEST_F(Beginnings, NeverComeWhereAnotherHoldsTheLock) {
  target_.locked = true;
  const auto refused = start({});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_EQ(begun_, 0);
}

TEST_F(Beginnings, NeverComeWhereThereIsNothingToDo) {
  target_.effects = everything();
  ASSERT_TRUE(start({}));
  EXPECT_EQ(begun_, 0);
}

TEST_F(Beginnings, OfWhichOneFailsLeaveNoOperation) {
  const auto failed = start(fail(ErrorKind::unavailable, "nobody signs in"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "nobody signs in");
  EXPECT_EQ(target_.present(), Effects{});
  EXPECT_FALSE(target_.locked);
  EXPECT_FALSE(
      static_cast<Files&>(target_.files).exists(std::string(harness::CrashWorld::kJournal)));
}

// Killed with walls made and windows under way; then another build comes.
TEST(Runner, OfAnotherBuildTouchesNothingThatItDoesNotKnow) {
  SimulatedTarget target(house());
  ASSERT_TRUE(live(target, Follow::resume, 8, Kill::after_record).killed);
  const Effects left = target.present();
  target.unknown_steps = {"roof", "walls"};
  for (const Follow follow : {Follow::resume, Follow::undo}) {
    const ProcessLife other = live(target, follow);
    ASSERT_FALSE(other.result);
    EXPECT_EQ(other.result.error().kind, ErrorKind::conflict);
    EXPECT_EQ(other.records, 0);
    for (const char* way : {"operations undo", "operations abandon", "--reason WHY"})
      EXPECT_TRUE(other.result.error().hint.contains(way)) << other.result.error().hint;
    EXPECT_EQ(target.present(), left);
  }
  target.unknown_steps = {"roof"};
  ASSERT_TRUE(live(target, Follow::undo).result) << "what was done is known";
  EXPECT_EQ(target.only_operation().outcome, "undone");
}

TEST(Runner, GivesUpWhatIsLeftAndSaysWho) {
  SimulatedTarget target(house());
  ASSERT_TRUE(live(target, Follow::resume, 8, Kill::after_record).killed);
  const std::string id = target.only_operation().id;
  EXPECT_EQ(harness::abandon(target, id, "").error().kind, ErrorKind::invalid_input);
  ASSERT_TRUE(harness::abandon(target, id, "its version is lost"));
  const auto history = target.only_operation();
  EXPECT_EQ(history.outcome, kAbandoned);
  EXPECT_EQ(history.continuations.back().by.who, "ada@here");
  EXPECT_EQ(history.continuations.back().by.why, "its version is lost");
  EXPECT_EQ(harness::abandon(target, id, "again").error().kind, ErrorKind::conflict);
  ASSERT_FALSE(live(target, Follow::resume).result) << "it has ended";
}

}  // namespace
}  // namespace auterity::operations
