#include "operations/scale/scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "operations/scale/scale_steps.h"

namespace auterity::operations {
namespace {

using namespace scale_step;

int number_of(const JsonObject& object, std::string_view name) {
  const Json* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? static_cast<int>(value->get_int64()) : 0;
}

local::Platform with_sizes(local::Platform platform, const PlatformSizes& sizes) {
  platform.pool().replicas = sizes.api;
  platform.pool().workers = sizes.workers;
  return platform;
}

// What `more` has beyond `fewer`.
std::vector<std::string> beyond(const std::vector<std::string>& more,
                                const std::vector<std::string>& fewer) {
  if (more.size() <= fewer.size()) return {};
  return {more.begin() + static_cast<std::ptrdiff_t>(fewer.size()), more.end()};
}

std::vector<std::string> without(std::vector<std::string> names,
                                 const std::vector<std::string>& others) {
  std::erase_if(names, [&](const std::string& name) {
    return std::ranges::find(others, name) != others.end();
  });
  return names;
}

Status check_limit(std::string_view what, int wanted, int least, int most, std::string_view keys) {
  if (wanted >= least && wanted <= most) return {};
  return fail(ErrorKind::invalid_input,
              fmt::format("{} {} are not between {} and {}", wanted, what, least, most),
              fmt::format("the environment file says so: {}", keys));
}

}  // namespace

std::string to_text(const PlatformSizes& sizes) {
  return fmt::format("{} API replica{} and {} worker{}", sizes.api, sizes.api == 1 ? "" : "s",
                     sizes.workers, sizes.workers == 1 ? "" : "s");
}

SizeLimits size_limits(const EnvironmentFile& environment) {
  const auto number = [&](std::string_view key) {
    return static_cast<int>(environment.number(key));
  };
  return {number("app_min_capacity"), number("app_max_capacity"), number("autoscaling.workers_min"),
          number("autoscaling.workers_max")};
}

Status check_sizes(const PlatformSizes& sizes, const SizeLimits& limits) {
  AUTERITY_CHECK(check_limit("API replicas", sizes.api, limits.api_min, limits.api_max,
                             "app_min_capacity, app_max_capacity"));
  return check_limit("workers", sizes.workers, limits.workers_min, limits.workers_max,
                     "autoscaling.workers_min, autoscaling.workers_max");
}

Plan plan_scale(const local::Platform& now, const PlatformSizes& wanted,
                const std::vector<std::string>& left) {
  Plan plan{std::string(ScaleOperation::kKind), now.layout.environment, {}, {}};
  const local::Pool& before = now.pool();
  const local::Platform changed = with_sizes(now, wanted);
  const local::Pool& after = changed.pool();
  const auto unwanted = without(without(left, after.api_names()), after.worker_names());
  const bool same = PlatformSizes{before.replicas, before.workers} == wanted;
  if (same && unwanted.empty()) return plan;
  const auto add = [&](std::string_view verb, const std::string& service, std::string description,
                       UndoPolicy policy = UndoPolicy::undo) {
    plan.steps.push_back({std::string(verb) + service, std::move(description), policy});
  };
  for (const auto& [more, fewer] : {std::pair(after.api_names(), before.api_names()),
                                    std::pair(after.worker_names(), before.worker_names())})
    for (const std::string& service : beyond(more, fewer))
      add(kStart, service, fmt::format("start {} and wait until it is ready", service));
  for (const std::string& service : beyond(before.api_names(), after.api_names()))
    add(kDrain, service,
        fmt::format("give {} no new requests and wait for those under way", service));
  if (!same)
    add(kSizes, "",
        fmt::format("keep {} instead of {}, and divide requests accordingly", to_text(wanted),
                    to_text(PlatformSizes{before.replicas, before.workers})));
  for (const auto& [more, fewer] : {std::pair(before.api_names(), after.api_names()),
                                    std::pair(before.worker_names(), after.worker_names())})
    for (const std::string& service : beyond(more, fewer))
      add(kRetire, service, fmt::format("stop and remove {}", service));
  for (const std::string& service : unwanted)
    add(kRetire, service,
        fmt::format("stop and remove {}, which an unfinished change of size left", service),
        UndoPolicy::keep);
  plan.steps.push_back({std::string(kHealth), "see the platform healthy at " + now.api_url(),
                        UndoPolicy::keep, false});
  return plan;
}

ScaleOperation::ScaleOperation(LocalContext& context, EnvironmentFile environment, ScaleWish wish)
    : context_(context), environment_(std::move(environment)), wish_(wish) {}

ScaleOperation::ScaleOperation(LocalContext& context, EnvironmentFile environment,
                               const JsonObject& request)
    : context_(context),
      environment_(std::move(environment)),
      before_{number_of(request, "old_api"), number_of(request, "old_workers")},
      wanted_{number_of(request, "api"), number_of(request, "workers")} {}

ScaleOperation::~ScaleOperation() = default;

JsonObject ScaleOperation::request() const {
  return {{"api", wanted_.api},
          {"workers", wanted_.workers},
          {"old_api", before_.api},
          {"old_workers", before_.workers}};
}

Async<Result<Plan>> ScaleOperation::plan() {
  AUTERITY_CO_TRY(platform, load_platform(context_, false));
  if (!supervisor_of(context_, platform).running())
    co_return fail(ErrorKind::not_ready,
                   fmt::format("{} is not running", context_.layout.environment),
                   fmt::format("start it: auterity up -e {}", context_.layout.environment));
  if (platform.pools.size() > 1)
    co_return fail(ErrorKind::conflict, "two releases share the platform at the moment",
                   "finish the deploy first: auterity operations list");
  before_ = {platform.pool().replicas, platform.pool().workers};
  wanted_ = {wish_.api.value_or(before_.api), wish_.workers.value_or(before_.workers)};
  // A size that stays was chosen before, whatever the limits are now.
  const SizeLimits limits = size_limits(environment_);
  AUTERITY_CO_CHECK(
      check_sizes({wanted_.api == before_.api ? limits.api_min : wanted_.api,
                   wanted_.workers == before_.workers ? limits.workers_min : wanted_.workers},
                  limits));
  AUTERITY_CO_TRY(left, find_left(platform));
  co_return plan_scale(platform, wanted_, left);
}

Result<std::vector<std::string>> ScaleOperation::find_left(const local::Platform& platform) {
  AUTERITY_TRY(installed, supervisor_of(context_, platform).installed_services());
  std::erase_if(installed, [&](const std::string& name) {
    return local::parse_member(name).colour != platform.pool().colour;
  });
  return without(without(std::move(installed), platform.pool().api_names()),
                 platform.pool().worker_names());
}

Status ScaleOperation::prepare() {
  if (new_) return {};
  AUTERITY_TRY(platform, load_platform(context_, true));
  platform.ai_service_url = environment_.text("ai_service.url");
  old_ = std::make_unique<local::Platform>(with_sizes(platform, before_));
  new_ = std::make_unique<local::Platform>(with_sizes(std::move(platform), wanted_));
  return {};
}

Result<std::unique_ptr<Step>> ScaleOperation::bind(const PlannedStep& step) {
  AUTERITY_CHECK(prepare());
  if (auto effects = make_scale_step(context_, *old_, *new_, step.name)) return effects;
  return fail(ErrorKind::not_found, fmt::format("scale has no step named {}", step.name),
              "the operation was begun by another version of auterity; use that one to go on");
}

}  // namespace auterity::operations
