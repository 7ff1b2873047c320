#include "operations/deploy/deploy_request.h"

#include <algorithm>
#include <boost/json.hpp>

#include "operations/deploy/canary_stages.h"

namespace auterity::operations {
namespace {

std::string text(const JsonObject& value, std::string_view name) {
  return std::string(string_or(value.if_contains(name), ""));
}

double number(const JsonObject& value, std::string_view name) {
  const Json* found = value.if_contains(name);
  return found != nullptr && found->is_number() ? found->to_number<double>() : 0;
}

CanaryThresholds parse_thresholds(const JsonObject& value) {
  return {static_cast<std::uint64_t>(number(value, "minimum_requests")),
          number(value, "error_percent"), number(value, "latency_ratio"),
          number(value, "significance")};
}

local::Pool* find_pool(local::Platform& platform, std::string_view colour) {
  const auto found = std::ranges::find(platform.pools, colour, &local::Pool::colour);
  return found == platform.pools.end() ? nullptr : &*found;
}

}  // namespace

int compared_replicas(const DeployRequest& request) {
  const bool compares = std::ranges::any_of(
      request.canary, [](int percent) { return canary_shares(percent).baseline > 0; });
  return compares ? request.replicas : 0;
}

JsonObject to_json(const DeployRequest& request) {
  JsonArray canary;
  for (const int percent : request.canary) canary.emplace_back(percent);
  return {{"version", request.version},
          {"release_digest", request.release_digest},
          {"stable", request.stable},
          {"candidate", request.candidate},
          {"old_version", request.old_version},
          {"replicas", request.replicas},
          {"workers", request.workers},
          {"canary", std::move(canary)},
          {"bake_s", std::chrono::duration<double>(request.bake).count()},
          {"evidence", request.evidence},
          {"restore_point", request.restore_point},
          {"thresholds", to_json(request.thresholds)}};
}

Result<DeployRequest> parse_deploy_request(const JsonObject& value) {
  DeployRequest request;
  request.version = text(value, "version");
  request.release_digest = text(value, "release_digest");
  request.stable = text(value, "stable");
  request.candidate = text(value, "candidate");
  request.old_version = text(value, "old_version");
  request.replicas = static_cast<int>(number(value, "replicas"));
  request.workers = static_cast<int>(number(value, "workers"));
  request.bake =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(number(value, "bake_s")));
  request.evidence = text(value, "evidence");
  request.restore_point = text(value, "restore_point");
  const Json* thresholds = value.if_contains("thresholds");
  if (thresholds != nullptr && thresholds->is_object())
    request.thresholds = parse_thresholds(thresholds->get_object());
  request.canary.clear();
  if (const Json* canary = value.if_contains("canary"); canary != nullptr && canary->is_array())
    for (const Json& percent : canary->get_array())
      request.canary.push_back(static_cast<int>(percent.is_int64() ? percent.get_int64() : 0));
  if (request.version.empty() || request.stable.empty() || request.candidate.empty() ||
      request.evidence.empty() || request.replicas < 1)
    return fail(ErrorKind::invalid_input, "the journal's deploy lacks version, pools or evidence",
                "it was begun by another version of auterity; use that one to go on");
  AUTERITY_CHECK(check_canary_stages(request.canary));
  return request;
}

local::Platform with_new_pools(local::Platform platform, const DeployRequest& request) {
  std::erase_if(platform.pools,
                [&](const local::Pool& pool) { return pool.colour != request.stable; });
  if (platform.pools.empty()) return platform;
  platform.pools.front().percent = 100;
  local::Pool candidate{.colour = request.candidate,
                        .version = request.version,
                        .release_digest = request.release_digest,
                        .replicas = request.replicas,
                        .workers = request.workers,
                        .percent = 0};
  if (compared_replicas(request) == 0) {
    platform.pools.push_back(std::move(candidate));
    return platform;
  }
  local::Pool baseline = platform.pools.front();
  baseline.colour = local::kBaseline;
  baseline.replicas = request.replicas;
  baseline.workers = 0;
  baseline.percent = 0;
  platform.pools.push_back(std::move(candidate));
  platform.pools.push_back(std::move(baseline));
  return platform;
}

local::Platform with_shares(local::Platform platform, const DeployRequest& request, int percent) {
  CanaryShares shares{0, 0, 100};
  if (percent > 0) shares = canary_shares(percent);
  if (local::Pool* pool = find_pool(platform, request.candidate)) pool->percent = shares.candidate;
  if (local::Pool* pool = find_pool(platform, local::kBaseline))
    pool->percent = shares.baseline;
  else
    shares.stable += shares.baseline;
  if (local::Pool* pool = find_pool(platform, request.stable)) pool->percent = shares.stable;
  return platform;
}

local::Platform with_pool_in_use(local::Platform platform, std::string_view colour) {
  const auto found = std::ranges::find(platform.pools, colour, &local::Pool::colour);
  if (found != platform.pools.end()) std::rotate(platform.pools.begin(), found, found + 1);
  return platform;
}

local::Platform with_candidate_alone(local::Platform platform, const DeployRequest& request) {
  std::erase_if(platform.pools,
                [&](const local::Pool& pool) { return pool.colour != request.candidate; });
  if (!platform.pools.empty()) platform.pools.front().percent = 100;
  platform.previous_version = request.old_version;
  return platform;
}

}  // namespace auterity::operations
