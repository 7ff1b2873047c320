// Releases that are built and pruned, with the real steps on a simulated machine, killed
// everywhere.
#include <gtest/gtest.h>

#include "harness/local_crash_world.h"
#include "operations/release/release_build.h"
#include "operations/release/release_prune.h"
#include "operations/release/releases.h"

namespace auterity::operations {
namespace {

using StepNames = std::set<std::string, std::less<>>;

// Nothing but releases is there besides hidden rests, and those that are in use are whole.
void expect_whole_releases(harness::LocalCrashWorld& world) {
  const auto releases = find_releases(world.context, true);
  ASSERT_TRUE(releases);
  for (const KnownRelease& release : *releases)
    EXPECT_TRUE(release.damage.empty()) << release.version << ": " << release.damage.front();
  world.expect_one_pool("blue", "1.0.0", 1, 0);
}

class BuiltWorld final : public harness::LocalCrashWorld {
 public:
  explicit BuiltWorld(std::string failing) {
    start_platform(1, 0);
    failing_step = std::move(failing);
  }

  std::unique_ptr<Operation> make_operation() override {
    return make({.version = "2.0.0", .program = context.program, .digest = {}});
  }
  std::unique_ptr<Operation> make_operation_of(const JsonObject& request) override {
    return make(ReleaseBuildOperation::parse_request(request));
  }

  void expect_correct_end(const OperationHistory& history) override {
    expect_whole_releases(*this);
    const bool done = history.outcome == "done";
    EXPECT_EQ(disk.exists(context.layout.releases() / "2.0.0/manifest.json"), done);
    EXPECT_EQ(disk.exists(context.layout.releases() / "2.0.0"), done);
    EXPECT_EQ(disk.exists(context.layout.releases() / "auterity-2.0.0-linux-x86_64.tar.zst"), done);
  }

 private:
  std::unique_ptr<Operation> make(ReleaseBuildRequest request) {
    return std::make_unique<harness::OperationOnMachine>(
        *this, std::make_unique<ReleaseBuildOperation>(context, std::move(request)), StepNames{});
  }
};

TEST(ReleaseBuildCrashes, EndWithAWholeReleaseOrNone) {
  for (const char* failing : {"", "folder", "archive"}) {
    SCOPED_TRACE(std::string("failing step: ") + failing);
    const auto swept = harness::sweep([&] { return std::make_unique<BuiltWorld>(failing); }, 2);
    EXPECT_GT(swept.records, 2);
    EXPECT_GT(swept.effects, 5);
  }
}

class PrunedWorld final : public harness::LocalCrashWorld {
 public:
  PrunedWorld() {
    start_platform(1, 0);
    for (const char* version : {"0.8.0", "0.9.0"}) add_release(version);
    auto kept = platform();
    kept.previous_version = "0.9.0";
    EXPECT_TRUE(keep_platform(context, kept));
  }

  std::unique_ptr<Operation> make_operation() override { return make(0); }
  std::unique_ptr<Operation> make_operation_of(const JsonObject& request) override {
    return make(ReleasePruneOperation::parse_request(request));
  }

  void expect_correct_end(const OperationHistory& history) override {
    expect_whole_releases(*this);
    const auto there = [&](const char* version) {
      return disk.exists(context.layout.releases() / version);
    };
    EXPECT_TRUE(there("0.9.0")) << "a rollback needs it";
    if (history.outcome != "done") return;
    EXPECT_FALSE(there("0.8.0"));
    EXPECT_FALSE(there("1.1.0"));
  }

 private:
  std::unique_ptr<Operation> make(int keep) {
    return std::make_unique<harness::OperationOnMachine>(
        *this, std::make_unique<ReleasePruneOperation>(context, keep), StepNames{});
  }
};

TEST(ReleasePruneCrashes, KeepWhatIsInUseAndWhatARollbackNeeds) {
  const auto swept = harness::sweep([] { return std::make_unique<PrunedWorld>(); }, 1);
  EXPECT_GT(swept.records, 8);
  EXPECT_GT(swept.effects, 3);
}

}  // namespace
}  // namespace auterity::operations
