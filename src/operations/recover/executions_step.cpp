// The last look before the application starts: which executions were under way at the place that
// was recovered to, and how each goes on. Changes nothing: the engine itself repeats what was in
// motion and lets fire what fell due. The report stays with the operation.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "operations/kept_step.h"
#include "operations/recover/data_steps.h"
#include "operations/recover/recover_plan.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kReport = "executions.json";

std::string evidence_of(const InterruptedCounts& counts) {
  if (counts.all == 0) return "no execution was under way";
  std::string text = fmt::format("{} executions go on", counts.all - counts.damaged);
  if (counts.repeated > 0)
    text +=
        fmt::format(", {} of them repeat what they did after their last event", counts.repeated);
  if (counts.late > 0) text += fmt::format(", {} timers fire late", counts.late);
  if (counts.damaged > 0) text += fmt::format("; {} cannot go on", counts.damaged);
  return text;
}

class ExecutionsStep final : public KeptStep {
 public:
  explicit ExecutionsStep(RecoverWorld& world) : world_(world) {}

  Async<Result<Observation>> observe() override {
    const auto text = world_.context.files.read(world_.evidence(kReport));
    if (!text) co_return Observation{false, "what was under way is not known yet"};
    AUTERITY_CO_TRY(document, parse_json(*text, {.max_bytes = 1u << 30}));
    co_return Observation{true, fmt::format("{}; each is named in {}",
                                            string_or(find_member(document, "evidence"), ""),
                                            world_.evidence(kReport).string())};
  }

  Async<Status> apply() override {
    AUTERITY_CO_CHECK(co_await world_.prepare());
    const auto work = world_.make_interrupted_work(world_.platform);
    AUTERITY_CO_TRY(executions, co_await work->find());
    const Time now = world_.context.clock.now();
    const InterruptedCounts counts = count(executions, now);
    JsonArray listed;
    for (const InterruptedExecution& execution : executions)
      listed.push_back(to_json(execution, now));
    const JsonObject document{{"evidence", evidence_of(counts)}, {"at", to_rfc3339(now)},
                              {"under_way", counts.all},         {"repeated", counts.repeated},
                              {"late_timers", counts.late},      {"damaged", counts.damaged},
                              {"executions", std::move(listed)}};
    AUTERITY_CO_CHECK(world_.context.files.create_directories(world_.evidence("")));
    co_return world_.context.files.write_atomically(world_.evidence(kReport),
                                                    to_pretty_text(Json(document)) + "\n");
  }

 private:
  RecoverWorld& world_;
};

}  // namespace

std::unique_ptr<Step> make_executions_step(RecoverWorld& world, const std::string& name) {
  if (name == recover_steps::kExecutions) return std::make_unique<ExecutionsStep>(world);
  return nullptr;
}

}  // namespace auterity::operations
