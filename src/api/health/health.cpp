#include "api/health/health.h"

#include <fmt/core.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>

#include "core/deadline.h"

namespace auterity::api {
namespace asio = boost::asio;
namespace {

constexpr Duration kInterval = std::chrono::seconds(2);
constexpr Duration kProbeLimit = std::chrono::seconds(2);

const DependencyHealth* find_named(const std::vector<DependencyHealth>& all,
                                   std::string_view name) {
  for (const DependencyHealth& dependency : all)
    if (dependency.name == name) return &dependency;
  return nullptr;
}

}  // namespace

std::string_view to_text(DependencyState state) {
  switch (state) {
    case DependencyState::unknown:
      return "unknown";
    case DependencyState::healthy:
      return "healthy";
    case DependencyState::unhealthy:
      return "unhealthy";
    case DependencyState::not_configured:
      return "not_configured";
  }
  return "unknown";
}

Health::Health(Clock& clock, Log& log, std::vector<std::unique_ptr<Dependency>> dependencies,
               SchemaRange range)
    : clock_(clock), log_(log), dependencies_(std::move(dependencies)), range_(range) {
  for (const auto& dependency : dependencies_) {
    DependencyHealth health;
    health.name = dependency->name();
    health.is_critical = dependency->is_critical();
    results_.push_back(std::move(health));
  }
}

Async<void> Health::ask(std::size_t index) {
  DependencyHealth& known = results_[index];
  const Duration began = clock_.monotonic();
  Result<JsonObject> answer = co_await with_deadline<JsonObject>(clock_, kProbeLimit, known.name,
                                                                 dependencies_[index]->probe());
  const DependencyState before = known.state;
  known.response_time = clock_.monotonic() - began;
  known.facts = answer ? std::move(*answer) : JsonObject{};
  known.reason.clear();
  known.state = DependencyState::healthy;
  if (!answer && answer.error().kind == ErrorKind::not_ready) {
    known.state = DependencyState::not_configured;
  } else if (!answer) {
    known.state = DependencyState::unhealthy;
    // The kind alone: messages of drivers name hosts and users.
    known.reason = facts(answer.error().kind).title;
  }
  if (known.state == before || before == DependencyState::unknown) co_return;
  if (known.state == DependencyState::unhealthy)
    log_.warning("health", "a dependency does not answer",
                 {{"dependency", Json(known.name)}, {"reason", Json(answer.error().message)}});
  else
    log_.info("health", "a dependency answers again", {{"dependency", Json(known.name)}});
}

Async<void> Health::run_once() {
  if (dependencies_.empty()) co_return;
  const Executor executor = co_await asio::this_coro::executor;
  const auto begin = [&](std::size_t index) {
    return asio::co_spawn(executor, ask(index), asio::deferred);
  };
  std::vector<decltype(begin(0))> all;
  for (std::size_t i = 0; i < dependencies_.size(); ++i) all.push_back(begin(i));
  co_await asio::experimental::make_parallel_group(std::move(all))
      .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
}

Async<void> Health::watch(std::function<void()> on_first_ready) {
  while (true) {
    co_await run_once();
    if (on_first_ready && readiness().ready) {
      on_first_ready();
      on_first_ready = nullptr;
    }
    co_await clock_.sleep(kInterval);
  }
}

std::string_view Health::overall() const {
  std::string_view state = "healthy";
  for (const DependencyHealth& dependency : results_) {
    if (dependency.state != DependencyState::unhealthy) continue;
    if (dependency.is_critical) return "unhealthy";
    state = "degraded";
  }
  return state;
}

Readiness Health::readiness() const {
  Readiness readiness;
  const DependencyHealth* database = find_named(results_, "database");
  if (database) {
    const auto* revision = database->facts.if_contains("schema_revision");
    if (revision && revision->is_int64())
      readiness.schema_revision = static_cast<int>(revision->as_int64());
  }
  if (draining_) {
    readiness.reason = "draining: this process is about to end";
  } else if (!database || database->state == DependencyState::unknown) {
    readiness.reason = "starting: the database has not been asked yet";
  } else if (database->state != DependencyState::healthy) {
    readiness.reason = "the database does not answer";
  } else if (readiness.schema_revision < range_.oldest ||
             readiness.schema_revision > range_.newest) {
    readiness.reason =
        fmt::format("the database schema has revision {}; this version works with {} to {}",
                    readiness.schema_revision, range_.oldest, range_.newest);
  } else {
    readiness.ready = true;
  }
  return readiness;
}

}  // namespace auterity::api
