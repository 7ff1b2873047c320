// What an environment holds before it is recovered in place: moved within its folder, not deleted,
// so that a recovery that fails gives it back, and one that succeeded can be compared with it.
#include <fmt/format.h>

#include <array>

#include "operations/process_call.h"
#include "operations/recover/data_steps.h"
#include "operations/recover/recover_plan.h"

namespace auterity::operations {
namespace {

namespace fs = std::filesystem;

// Written last when it is put aside, and removed first when it is given back.
constexpr std::string_view kComplete = "complete";
constexpr std::array<std::string_view, 2> kMoved{"postgres", "redis"};
constexpr std::string_view kCredentials = "credentials.json";

class PutAsideStep final : public Step {
 public:
  explicit PutAsideStep(RecoverWorld& world) : world_(world), files_(world.context.files) {}

  Async<Result<Observation>> observe() override {
    const fs::path folder = world_.aside();
    const bool aside = files_.exists(folder / kComplete);
    co_return Observation{
        aside, aside ? "what was there is in " + folder.string() : "what is there is in its place"};
  }

  Async<Status> apply() override {
    const fs::path state = world_.context.layout.state(), folder = world_.aside();
    AUTERITY_CO_CHECK(files_.create_directories(folder, 0700));
    if (files_.exists(state / kCredentials))
      AUTERITY_CO_CHECK(co_await run({"cp", "--preserve", "-T", (state / kCredentials).string(),
                                      (folder / kCredentials).string()}));
    for (const std::string_view name : kMoved)
      AUTERITY_CO_CHECK(co_await move(state / name, folder / name));
    co_return files_.write_atomically(folder / kComplete, "");
  }

  Async<Status> undo() override {
    const fs::path state = world_.context.layout.state(), folder = world_.aside();
    AUTERITY_CO_CHECK(files_.remove_tree(folder / kComplete));
    for (const std::string_view name : kMoved) {
      // What the recovery made in its place; what was there is not lost before it is back.
      if (files_.exists(folder / name)) AUTERITY_CO_CHECK(files_.remove_tree(state / name));
      AUTERITY_CO_CHECK(co_await move(folder / name, state / name));
    }
    if (files_.exists(folder / kCredentials))
      AUTERITY_CO_CHECK(co_await run({"cp", "--preserve", "-T", (folder / kCredentials).string(),
                                      (state / kCredentials).string()}));
    co_return files_.remove_tree(folder);
  }

 private:
  Async<Status> run(std::vector<std::string> arguments) {
    co_return co_await call(world_.context.processes, std::move(arguments));
  }
  Async<Status> move(fs::path from, fs::path to) {
    if (!files_.exists(from)) co_return Status{};
    co_return co_await run({"mv", "-T", from.string(), to.string()});
  }

  RecoverWorld& world_;
  Files& files_;
};

}  // namespace

std::unique_ptr<Step> make_put_aside_step(RecoverWorld& world, const std::string& name) {
  if (name == recover_steps::kPutAside) return std::make_unique<PutAsideStep>(world);
  return nullptr;
}

}  // namespace auterity::operations
