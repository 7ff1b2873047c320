#include "engine/executor/lease_keeper.h"

#include <unordered_map>

namespace auterity::engine {
namespace {

constexpr Duration kRenewalPause = std::chrono::milliseconds(200);

}  // namespace

LeaseKeeper::LeaseKeeper(EngineServices& services, const EngineOptions& options,
                         EngineMetrics& metrics, Residents& residents)
    : services_(services), options_(options), metrics_(metrics), residents_(residents) {}

Async<void> LeaseKeeper::loop() {
  for (;;) {
    co_await services_.clock.sleep(options_.lease / 6);
    co_await run_once();
  }
}

Async<void> LeaseKeeper::run_once() {
  drop_untrusted();
  const Duration now = services_.clock.monotonic();
  Runs due;
  for (auto& run : residents_.all())
    if (now - run->renewed_at() >= options_.lease / 3) due.push_back(std::move(run));
  if (!due.empty()) co_await renew(std::move(due));
}

Async<void> LeaseKeeper::renew_soon(Uuid id) {
  auto asked = residents_.find(id);
  if (!asked || !soon_.insert(id).second) co_return;
  const Duration next = asked->renewed_at() + kRenewalPause;
  asked.reset();
  co_await services_.clock.sleep(next - services_.clock.monotonic());
  soon_.erase(id);
  if (auto run = residents_.find(id)) co_await renew(Runs{std::move(run)});
}

Async<void> LeaseKeeper::renew(Runs runs) {
  std::vector<ExecutionStore::Lease> leases;
  for (const auto& run : runs) leases.push_back({run->id(), run->term()});
  const Duration sent = services_.clock.monotonic();
  const auto renewals = co_await services_.executions.renew(leases, options_.lease);
  if (!renewals) {
    services_.log.warning("engine", "leases could not be renewed and are tried again",
                          {{"count", runs.size()}, {"reason", Json(renewals.error().message)}});
    co_return;
  }
  std::unordered_map<Uuid, ExecutionRun*> asked;
  for (const auto& run : runs) asked.emplace(run->id(), run.get());
  for (const auto& renewal : *renewals)
    if (const auto run = asked.find(renewal.id); run != asked.end())
      take_answer(*run->second, renewal, sent);
}

void LeaseKeeper::take_answer(ExecutionRun& run, const ExecutionStore::Renewal& renewal,
                              Duration sent) {
  if (run.end() != ExecutionRun::End::running) return;  // it left while the answer was under way
  if (!renewal.held) return lose(run);
  run.trust_until(trusted_until(sent, options_.lease));
  if (renewal.requested == ControlAction::cancel) run.post(CancelRequested{});
  if (renewal.requested == ControlAction::suspend) run.post(SuspendRequested{});
  if (renewal.requested == ControlAction::resume) run.post(ResumeRequested{});
}

void LeaseKeeper::drop_untrusted() {
  const Duration now = services_.clock.monotonic();
  for (const auto& run : residents_.all())
    if (now >= run->trusted_until()) lose(*run);
}

void LeaseKeeper::lose(ExecutionRun& run) {
  metrics_.lease_losses.add();
  services_.log.info("engine", "lease lost, the execution is dropped",
                     {{"execution_id", Json(to_text(run.id()))}, {"term", run.term()}});
  run.lose();
}

}  // namespace auterity::engine
