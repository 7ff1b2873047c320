#include "operations/restart/restart.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "operations/restart/restart_steps.h"

namespace auterity::operations {

RestartOperation::RestartOperation(LocalContext& context, RestartRequest request)
    : context_(context), request_(std::move(request)) {}
RestartOperation::~RestartOperation() = default;

JsonObject RestartOperation::request() const {
  JsonObject pids;
  for (const auto& [service, pid] : request_.old_pids) pids[service] = pid;
  return {{"component", request_.component}, {"old_pids", std::move(pids)}};
}

RestartRequest RestartOperation::parse_request(const JsonObject& request) {
  RestartRequest parsed;
  parsed.component = string_or(request.if_contains("component"), "");
  const Json* pids = request.if_contains("old_pids");
  if (pids == nullptr || !pids->is_object()) return parsed;
  for (const auto& [service, pid] : pids->get_object())
    if (pid.is_int64()) parsed.old_pids[service] = static_cast<int>(pid.get_int64());
  return parsed;
}

Status RestartOperation::prepare() {
  if (platform_) return {};
  AUTERITY_TRY(platform, load_platform(context_, true));
  platform_ = std::make_unique<local::Platform>(std::move(platform));
  return {};
}

Async<Status> RestartOperation::note_pids() {
  auto supervisor = supervisor_of(context_, *platform_);
  for (const std::string& service : platform_->service_names()) {
    AUTERITY_CO_TRY(state, co_await supervisor.state(service));
    request_.old_pids[service] = state.up ? state.pid : 0;
  }
  request_.old_pids["haproxy"] = co_await haproxy_worker_pid(context_, *platform_);
  co_return Status{};
}

Async<Result<Plan>> RestartOperation::plan() {
  const auto components = restart_components();
  if (std::ranges::find(components, request_.component) == components.end())
    co_return fail(ErrorKind::invalid_input,
                   fmt::format("there is no component {}", request_.component),
                   fmt::format("one of: {}", fmt::join(components, ", ")));
  AUTERITY_CO_CHECK(prepare());
  if (!supervisor_of(context_, *platform_).running())
    co_return fail(ErrorKind::not_ready,
                   fmt::format("{} is not running", context_.layout.environment),
                   fmt::format("start it: auterity up -e {}", context_.layout.environment));
  AUTERITY_CO_CHECK(co_await note_pids());
  co_return plan_restart(*platform_, request_.component);
}

Result<std::unique_ptr<Step>> RestartOperation::bind(const PlannedStep& step) {
  AUTERITY_CHECK(prepare());
  if (auto effects = make_restart_step(context_, *platform_, request_, id_, step.name))
    return effects;
  return fail(ErrorKind::not_found, fmt::format("restart has no step named {}", step.name),
              "the operation was begun by another version of auterity; use that one to go on");
}

}  // namespace auterity::operations
