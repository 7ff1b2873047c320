#pragma once
// Operations killed at every record of their journal: before it is written, cut off in the middle
// of it, and after it; on the way forward and on the way back; once, and again while the next
// process goes on. Whatever is killed is resumed or undone, and must end correctly. The operation
// and its target are the test's (CrashWorld); journal and runner are the real ones. Only tests of
// operations include this: it needs their module, which the rest of the harness does not.
#include <gtest/gtest.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/memory_files.h"
#include "operations/journal/file_journal.h"
#include "operations/runner.h"

namespace auterity::harness {

enum class Kill { before_record, torn_record, after_record };
// What a process does about the operation that it finds in the journal.
enum class Follow { resume, undo, start_another };

namespace crashes {

struct Killed {};

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

}  // namespace crashes

// What outlives a process: the target, the journal, the last term. A new one for every run.
class CrashWorld {
 public:
  virtual ~CrashWorld() = default;
  // The operation as each process makes it anew.
  virtual std::unique_ptr<operations::Operation> make_operation() = 0;
  // As a process makes it that found its request in the journal.
  virtual std::unique_ptr<operations::Operation> make_operation_of(const JsonObject& /*request*/) {
    return make_operation();
  }
  // As a process makes it that starts another one over what was left of the first.
  virtual std::unique_ptr<operations::Operation> make_another() { return make_operation(); }
  // Called when the operation has ended, or the one that superseded it, with its outcome in
  // `history`: EXPECTs that what is there is right for it, and nothing half done.
  virtual void expect_correct_end(const operations::OperationHistory& history) = 0;
  // Called where a process has been killed: EXPECTs that what must never be broken is not.
  virtual void expect_unharmed() {}
  // A world with time and an event loop of its own runs its processes there.
  virtual Clock& clock() { return still_clock_; }
  virtual Result<operations::RunResult> run(Async<Result<operations::RunResult>> work) {
    return crashes::run(std::move(work));
  }

  MemoryFiles files;  // the journal is in kJournal
  std::uint64_t term = 0;
  bool locked = false;

  static constexpr std::string_view kJournal = "/operations";
  operations::OperationHistory only_operation() {
    operations::FileJournal journal(files, kJournal);
    auto all = journal.list();
    EXPECT_TRUE(all) << (all ? "" : all.error().message);
    EXPECT_EQ(all->size(), 1u);
    return std::move(all->front());
  }

 private:
  crashes::StillClock still_clock_;
};

// The life of one process, and how it ended.
struct ProcessLife {
  bool killed = false;
  int records = 0;
  Result<operations::RunResult> result = fail(ErrorKind::internal, "it was killed");
};

namespace crashes {

class MemoryLock final : public operations::OperationLock {
 public:
  explicit MemoryLock(CrashWorld& world) : world_(world) {}
  Result<operations::Lease> acquire(std::string holder, std::string operation) override {
    if (world_.locked) return fail(ErrorKind::conflict, "locked");
    world_.locked = true;
    operations::Lease lease;
    lease.holder = std::move(holder);
    lease.operation = std::move(operation);
    lease.term = ++world_.term;
    return lease;
  }
  Status check_free() override {
    return world_.locked ? Status(fail(ErrorKind::conflict, "locked")) : Status{};
  }
  Status renew(const std::string&) override { return {}; }
  Status release() override {
    world_.locked = false;
    return {};
  }
  bool is_held() override { return world_.locked; }
  std::optional<operations::Lease> peek() override { return std::nullopt; }

 private:
  CrashWorld& world_;
};

// Ends the process at its nth record.
class DeadlyJournal final : public operations::Journal {
 public:
  DeadlyJournal(CrashWorld& world, int killed_at, Kill kill)
      : world_(world),
        journal_(world.files, CrashWorld::kJournal),
        killed_at_(killed_at),
        kill_(kill) {}

  Status append(const std::string& id, const operations::Record& record) override {
    if (++records != killed_at_) return journal_.append(id, record);
    if (kill_ == Kill::after_record) EXPECT_TRUE(journal_.append(id, record));
    if (kill_ == Kill::torn_record) {
      const std::string folder(CrashWorld::kJournal);
      const std::string line = to_line(record);
      EXPECT_TRUE(world_.files.create_directories(folder, 0755));
      EXPECT_TRUE(world_.files.append_durably(folder + "/" + id + ".jsonl",
                                              line.substr(0, line.size() / 2), 0600));
    }
    throw Killed{};
  }
  Result<operations::OperationHistory> load(const std::string& id) override {
    return journal_.load(id);
  }
  Result<std::vector<std::string>> ids() override { return journal_.ids(); }
  Result<std::vector<operations::OperationHistory>> list() override { return journal_.list(); }

  int records = 0;

 private:
  CrashWorld& world_;
  operations::FileJournal journal_;
  int killed_at_;
  Kill kill_;
};

class Silent final : public operations::RunObserver {
 public:
  void step_began(const operations::PlannedStep&, bool) override {}
  void step_ended(const operations::PlannedStep&, std::string_view) override {}
  void step_failed(const operations::PlannedStep&, std::string_view) override {}
  void note(std::string_view) override {}
};

}  // namespace crashes

inline constexpr int kNeverKilled = -1;

// One process: it starts the operation, or goes on with the one that is in the journal.
inline ProcessLife live(CrashWorld& world, Follow follow, int killed_at = kNeverKilled,
                        Kill kill = Kill::before_record) {
  SeededRandom random(7 + world.term);
  crashes::Silent observer;
  crashes::DeadlyJournal journal(world, killed_at, kill);
  crashes::MemoryLock lock(world);
  operations::Runner runner({journal, lock, world.clock(), random, observer},
                            {"ada@here", "to see"});
  ProcessLife process;
  try {
    auto all = journal.list();
    EXPECT_TRUE(all) << (all ? "" : all.error().message);
    const bool first = !all || all->empty();
    const auto operation = follow == Follow::start_another ? world.make_another()
                           : first                         ? world.make_operation()
                                   : world.make_operation_of(all->back().request);
    if (first || follow == Follow::start_another)
      process.result = world.run(runner.start(*operation));
    else if (follow == Follow::resume)
      process.result = world.run(runner.resume(*operation, all->back()));
    else
      process.result = world.run(runner.undo(*operation, all->back()));
  } catch (const crashes::Killed&) {
    process.killed = true;
    world.locked = false;  // the kernel gives up a dead process' lock
    world.expect_unharmed();
  }
  process.records = journal.records;
  return process;
}

// Another process gives the operation up.
inline Status abandon(CrashWorld& world, const std::string& id, std::string why) {
  SeededRandom random(7);
  crashes::Silent observer;
  crashes::DeadlyJournal journal(world, kNeverKilled, Kill::before_record);
  crashes::MemoryLock lock(world);
  return operations::Runner({journal, lock, world.clock(), random, observer},
                            {"ada@here", std::move(why)})
      .abandon(id);
}

// Every kill point of the operation, with every `stride`-th of the process that goes on with it
// (many steps make many pairs); a third process brings it to its end. Answers how many pairs there
// were; stops at the first failure.
inline int kill_at_every_record(const std::function<std::unique_ptr<CrashWorld>()>& make_world,
                                Kill kill, Follow follow, int stride = 1) {
  int pairs = 0;
  for (int first = 1;; ++first) {
    for (int second = 1;; second += stride) {
      SCOPED_TRACE(testing::Message()
                   << "killed at record " << first << ", then at record " << second);
      const auto world = make_world();
      if (!live(*world, follow, first, kill).killed) return pairs;
      ++pairs;
      const bool again = live(*world, follow, second, kill).killed;
      if (again) live(*world, follow);
      const auto history = world->only_operation();
      EXPECT_FALSE(history.unfinished()) << history.state_name(false);
      world->expect_correct_end(history);
      if (testing::Test::HasFailure()) return pairs;
      if (!again) break;
    }
  }
}

namespace crashes {

inline std::vector<operations::OperationHistory> histories(CrashWorld& world) {
  auto all = operations::FileJournal(world.files, CrashWorld::kJournal).list();
  return all ? std::move(*all) : std::vector<operations::OperationHistory>();
}

inline bool is_unfinished(CrashWorld& world) {
  const auto all = histories(world);
  return !all.empty() && all.back().unfinished();
}

// Killed once, and perhaps again where it goes on; then brought to its end.
inline void expect_end(CrashWorld& world, Follow follow, int second) {
  const auto ended = [&] { return !histories(world).empty() && !is_unfinished(world); };
  if (second > 0 && !ended()) live(world, follow, second, Kill::after_record);
  if (!ended()) {
    const auto last = live(world, follow);
    // Past a step that cannot be taken back there is one way alone.
    if (!ended() && last.result.error().message.contains("cannot be taken back"))
      live(world, Follow::resume);
    else if (!ended())
      ADD_FAILURE() << last.result.error().message;
  }
  const auto history = world.only_operation();
  EXPECT_FALSE(history.unfinished()) << history.state_name(false);
  world.expect_correct_end(history);
}

// Started over an operation that was left unfinished.
inline void expect_another(CrashWorld& world, bool supersedes) {
  const ProcessLife another = live(world, Follow::start_another);
  if (!supersedes) {
    ASSERT_FALSE(another.result);
    EXPECT_EQ(another.result.error().kind, ErrorKind::conflict) << another.result.error().message;
    EXPECT_TRUE(another.result.error().message.contains("was left unfinished"))
        << another.result.error().message;
    EXPECT_TRUE(another.result.error().hint.contains("auterity operations"))
        << another.result.error().hint;
    EXPECT_EQ(another.records, 0);
    return expect_end(world, Follow::resume, 0);
  }
  ASSERT_TRUE(another.result) << another.result.error().message;
  auto all = histories(world);
  ASSERT_EQ(all.size(), 2u);
  // Where time stands still both began in the same millisecond: their ids say not which was first.
  if (all.back().outcome == "superseded") std::swap(all.front(), all.back());
  EXPECT_EQ(all.front().outcome, "superseded");
  EXPECT_FALSE(all.back().unfinished());
  world.expect_correct_end(all.back());
}

}  // namespace crashes

// Every how many places a process is killed; 1 (every place) where the machine has time for it.
inline int crash_stride(int otherwise) {
  const char* given = std::getenv("CRASH_STRIDE");
  return given == nullptr ? otherwise : std::max(1, std::atoi(given));
}

// At every record, in turn before it, in the middle of it and after it.
inline Kill way_of_kill(int record) {
  constexpr std::array kWays{Kill::after_record, Kill::torn_record, Kill::before_record};
  return kWays[static_cast<std::size_t>(record) % kWays.size()];
}

using MakeCrashWorld = std::function<std::unique_ptr<CrashWorld>()>;

// Kills the operation at every `stride`-th record; the next process goes on with it and is killed
// again at one place or another. Answers how many places there were.
inline int kill_at_records(const MakeCrashWorld& make_world, Follow follow, int stride) {
  int places = 0;
  for (int record = 1;; record += stride) {
    SCOPED_TRACE(testing::Message() << "killed at record " << record);
    const auto world = make_world();
    if (!live(*world, follow, record, way_of_kill(record)).killed) return places;
    ++places;
    crashes::expect_end(*world, follow, record % 2 == 0 ? record % 7 + 1 : 0);
    if (testing::Test::HasFailure()) return places;
  }
}

enum class Another { is_refused, supersedes };

// Kills the operation at every `stride`-th record and starts another over what it left: that one is
// refused and touches nothing, so that the first still comes to its end; or it goes on from what is
// there to an end of its own. Answers over how many it was started.
inline int start_another_over(const MakeCrashWorld& make_world, Another expected, int stride = 1) {
  int places = 0;
  for (int record = 1;; record += stride) {
    SCOPED_TRACE(testing::Message() << "another after a kill at record " << record);
    const auto world = make_world();
    if (!live(*world, Follow::resume, record, way_of_kill(record)).killed) return places;
    if (!crashes::is_unfinished(*world)) continue;
    ++places;
    crashes::expect_another(*world, expected == Another::supersedes);
    if (testing::Test::HasFailure()) return places;
  }
}

}  // namespace auterity::harness
