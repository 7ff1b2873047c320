// An operation that is started over one which was killed: refused, or it goes on from what that one
// left, as its supersedes() says; with their real steps on a simulated machine.
#include <gtest/gtest.h>

#include "harness/local_crash_world.h"
#include "operations/restart/restart.h"
#include "operations/scale/scale.h"
#include "operations/up/down.h"
#include "operations/up/up.h"

namespace auterity::operations {
namespace {

using harness::Another;

constexpr PlatformSizes kSizes{2, 1};

// Operations by name: "scale 3 2", "restart backend", "down".
struct Pair {
  std::string first;
  std::string another;
  Another expected;
};

class PairWorld final : public harness::LocalCrashWorld {
 public:
  PairWorld(const Pair& pair, std::string failing) : pair_(pair) {
    start_platform(kSizes.api, kSizes.workers);
    failing_step = std::move(failing);
  }

  std::unique_ptr<Operation> make_operation() override { return make(pair_.first); }
  std::unique_ptr<Operation> make_operation_of(const JsonObject& request) override {
    const auto words = words_of(pair_.first);
    if (words.front() == "scale")
      return on_machine(std::make_unique<ScaleOperation>(context, environment_, request));
    if (words.front() == "restart")
      return on_machine(
          std::make_unique<RestartOperation>(context, RestartOperation::parse_request(request)));
    return make_operation();
  }
  std::unique_ptr<Operation> make_another() override {
    failing_step.clear();
    return make(pair_.another);
  }

  void expect_correct_end(const OperationHistory& history) override {
    const bool first = only_one();
    const auto words = words_of(first ? pair_.first : pair_.another);
    const bool done = history.outcome == "done";
    if (!first) EXPECT_TRUE(done) << history.outcome;
    if (words.front() == "down" && done) return expect_nothing_runs();
    PlatformSizes sizes = kSizes;
    if (words.front() == "scale" && done) sizes = {std::stoi(words[1]), std::stoi(words[2])};
    expect_one_pool("blue", "1.0.0", sizes.api, sizes.workers);
  }

 private:
  static std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words(1);
    for (const char letter : text)
      if (letter == ' ')
        words.emplace_back();
      else
        words.back() += letter;
    return words;
  }
  bool only_one() { return harness::crashes::histories(*this).size() == 1; }
  std::unique_ptr<Operation> on_machine(std::unique_ptr<Operation> real) {
    return std::make_unique<harness::OperationOnMachine>(
        *this, std::move(real),
        std::set<std::string, std::less<>>{"database", "schema", "administrator"});
  }
  std::unique_ptr<Operation> make(const std::string& text) {
    const auto words = words_of(text);
    if (words.front() == "scale")
      return on_machine(std::make_unique<ScaleOperation>(
          context, environment_,
          ScaleWish{.api = std::stoi(words[1]), .workers = std::stoi(words[2])}));
    if (words.front() == "restart")
      return on_machine(
          std::make_unique<RestartOperation>(context, RestartRequest{.component = words[1]}));
    if (words.front() == "down") return on_machine(std::make_unique<DownOperation>(context));
    return on_machine(std::make_unique<UpOperation>(context, environment_, PlatformWish{}));
  }

  Pair pair_;
  EnvironmentFile environment_ = EnvironmentFile::defaults("test");
};

class AnotherOperationCrashes : public ::testing::TestWithParam<Pair> {};

TEST_P(AnotherOperationCrashes, EndAsOneOfBothMeant) {
  const int places = harness::start_another_over(
      [] { return std::make_unique<PairWorld>(GetParam(), ""); }, GetParam().expected,
      GetParam().expected == Another::supersedes ? 1 : harness::crash_stride(5));
  EXPECT_GT(places, 1);
}

INSTANTIATE_TEST_SUITE_P(
    Pairs, AnotherOperationCrashes,
    ::testing::Values(Pair{"scale 3 2", "scale 1 1", Another::supersedes},
                      Pair{"scale 1 1", "scale 3 2", Another::supersedes},
                      Pair{"scale 3 2", "restart backend", Another::is_refused},
                      Pair{"restart backend", "restart redis", Another::is_refused},
                      Pair{"restart all", "restart backend", Another::is_refused},
                      Pair{"restart backend", "scale 3 2", Another::is_refused},
                      Pair{"restart backend", "up", Another::is_refused},
                      Pair{"down", "up", Another::supersedes},
                      Pair{"down", "restart all", Another::is_refused}));

// The first one was on its way back.
TEST(AnotherOperationCrashesOnTheWayBack, EndAsTheOtherMeant) {
  const Pair pairs[] = {{"scale 3 2", "scale 1 1", Another::supersedes},
                        {"down", "up", Another::supersedes}};
  const char* failing[] = {"health", "stop-postgres"};
  for (std::size_t i = 0; i < std::size(pairs); ++i) {
    SCOPED_TRACE(pairs[i].first + " fails at " + failing[i] + ", then " + pairs[i].another);
    const int places = harness::start_another_over(
        [&] { return std::make_unique<PairWorld>(pairs[i], failing[i]); }, pairs[i].expected, 1);
    EXPECT_GT(places, 8);
  }
}

}  // namespace
}  // namespace auterity::operations
