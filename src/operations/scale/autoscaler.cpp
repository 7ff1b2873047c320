#include "operations/scale/autoscaler.h"

#include <algorithm>
#include <boost/json.hpp>

#include "operations/journal/file_journal.h"

namespace auterity::operations {
namespace {

// Journals that cannot be read hide no other.
Result<std::vector<OperationHistory>> readable_operations(FileJournal& journal) {
  AUTERITY_TRY(ids, journal.ids());
  std::vector<OperationHistory> operations;
  for (const std::string& id : ids)
    if (auto operation = journal.load(id)) operations.push_back(std::move(*operation));
  return operations;
}

bool is_left_by_autoscaler(const OperationHistory& operation) {
  return operation.unfinished() && operation.plan.operation == ScaleOperation::kKind &&
         operation.attribution.who.starts_with(kAutoscalerName);
}

}  // namespace

std::optional<Time> last_size_change(const std::vector<OperationHistory>& operations) {
  std::optional<Time> last;
  for (const OperationHistory& operation : operations)
    if (operation.plan.operation == ScaleOperation::kKind && operation.finished_at)
      last = std::max(last, operation.finished_at);
  return last;
}

Autoscaler::Autoscaler(LocalContext& context, EnvironmentFile environment, MakeRunner make_runner)
    : context_(context),
      environment_(std::move(environment)),
      make_runner_(std::move(make_runner)),
      settings_(scale_settings(environment_)),
      signals_(context) {}

Async<Status> Autoscaler::take_up() {
  FileJournal journal(context_.files, context_.layout.operations());
  AUTERITY_CO_TRY(operations, readable_operations(journal));
  history_.changed_at = last_size_change(operations);
  if (operations.empty() || !is_left_by_autoscaler(operations.back())) co_return Status{};
  OperationHistory& left = operations.back();
  ScaleOperation operation(context_, environment_, left.request);
  auto runner = make_runner_(left.attribution.why);
  AUTERITY_CO_CHECK(co_await runner.resume(operation, std::move(left)));
  history_.changed_at = context_.clock.now();
  co_return Status{};
}

Async<void> Autoscaler::run() {
  bool taken_up = false;
  for (;;) {
    auto done = taken_up ? Status{} : co_await take_up();
    taken_up = done.has_value();
    if (done) done = co_await run_once();
    if (!done)
      context_.log.warning(
          "autoscaler",
          taken_up ? "this round came to nothing" : "what was before cannot be taken up yet",
          {{"reason", Json(done.error().message)}});
    co_await context_.clock.sleep(settings_.interval);
  }
}

Async<Status> Autoscaler::run_once() {
  AUTERITY_CO_TRY(seen, co_await signals_.observe());
  const ScaleDecision decision = decide_scale(seen, settings_, history_);
  remember(history_, seen, settings_);
  const bool changes = decision.sizes != seen.sizes;
  context_.log.info("autoscaler", changes ? "changing sizes" : "sizes stay as they are",
                    {{"api", Json(decision.sizes.api)},
                     {"workers", Json(decision.sizes.workers)},
                     {"reason", Json(decision.reason)}});
  if (!changes) co_return Status{};
  ScaleOperation operation(context_, environment_, {decision.sizes.api, decision.sizes.workers});
  auto runner = make_runner_("autoscaling: " + decision.reason);
  AUTERITY_CO_CHECK(co_await runner.start(operation));
  co_return Status{};
}

}  // namespace auterity::operations
