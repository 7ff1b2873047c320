#include "operations/scale/autoscaler.h"

namespace auterity::operations {
namespace {

constexpr Duration kRound = std::chrono::seconds(10);

}  // namespace

Autoscaler::Autoscaler(LocalContext& context, EnvironmentFile environment, MakeRunner make_runner)
    : context_(context),
      environment_(std::move(environment)),
      make_runner_(std::move(make_runner)),
      settings_(scale_settings(environment_)),
      signals_(context) {}

Async<void> Autoscaler::run() {
  for (;;) {
    if (const auto done = co_await run_once(); !done)
      context_.log.warning("autoscaler", "sizes stay as they are",
                           {{"reason", Json(done.error().message)}});
    co_await context_.clock.sleep(kRound);
  }
}

Async<Status> Autoscaler::run_once() {
  AUTERITY_CO_TRY(seen, co_await signals_.observe());
  const ScaleDecision decision = decide_scale(seen, settings_, history_);
  remember(history_, seen, settings_);
  if (decision.sizes == seen.sizes) co_return Status{};
  context_.log.info("autoscaler", "changing sizes",
                    {{"api", Json(decision.sizes.api)},
                     {"workers", Json(decision.sizes.workers)},
                     {"reason", Json(decision.reason)}});
  ScaleOperation operation(context_, environment_, {decision.sizes.api, decision.sizes.workers});
  auto runner = make_runner_("autoscaling: " + decision.reason);
  AUTERITY_CO_CHECK(co_await runner.start(operation));
  co_return Status{};
}

}  // namespace auterity::operations
