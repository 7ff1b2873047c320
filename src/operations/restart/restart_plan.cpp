#include <fmt/format.h>

#include "operations/restart/restart.h"
#include "operations/restart/restart_steps.h"
#include "targets/local/wal_shipper_service.h"

namespace auterity::operations {
namespace {

using namespace restart_step;

class Planner {
 public:
  Planner(const local::Platform& platform, std::string_view component)
      : platform_(platform),
        plan_{std::string(RestartOperation::kKind), platform.layout.environment, {}, {}} {
    add(kEvidence, {}, "keep status, counts and the ends of the logs", UndoPolicy::keep);
    const bool all = component == "all";
    if (all || component == "database") database();
    if (all) healthy("database");
    if (all || component == "redis") redis();
    if (all) healthy("redis");
    if (all || component == "backend") backend();
    if (all) healthy("backend");
    if (all || component == "frontend") frontend();
    add(kHealth, {}, "see the platform healthy at " + platform.api_url(), UndoPolicy::keep, false);
  }

  Plan take() { return std::move(plan_); }

 private:
  void add(std::string_view verb, std::string_view service, std::string description,
           UndoPolicy policy, bool lasting = true) {
    plan_.steps.push_back(
        {fmt::format("{}{}", verb, service), std::move(description), policy, lasting});
  }

  void healthy(std::string_view after) {
    add(kHealthAfter, after, fmt::format("see the platform healthy again after the {}", after),
        UndoPolicy::keep, false);
  }

  void restart(const std::string& service, std::string_view more) {
    add(kRestart, service, fmt::format("restart {}{}", service, more), UndoPolicy::keep);
  }

  void database() {
    restart("postgres", ": open transactions end, processes connect again");
    restart(std::string(local::kWalShipper), ": it goes on where it was");
  }
  void redis() { restart("redis", ": its data is saved and read again"); }

  void backend() {
    for (const local::Pool& pool : platform_.pools) {
      const auto replicas = pool.api_names();
      for (const std::string& service : replicas) replica(service, replicas.size() > 1);
      for (const std::string& service : pool.worker_names())
        restart(service, ": it hands its executions over first");
    }
  }

  // Without another one to take its requests it cannot be taken out of rotation.
  void replica(const std::string& service, bool others) {
    if (!others) {
      restart(service, ", the only replica: requests are refused until it is ready");
      return;
    }
    add(kDrain, service,
        fmt::format("give {} no new requests and wait for those under way", service),
        UndoPolicy::undo, false);
    restart(service, "");
    add(kReturn, service, fmt::format("give requests to {} again", service), UndoPolicy::keep,
        false);
  }

  void frontend() {
    restart("nginx", ": HAProxy holds requests for web files until it is back");
    add(kReload, "haproxy", "start new HAProxy processes on the same port; old ones end by then",
        UndoPolicy::keep);
  }

  const local::Platform& platform_;
  Plan plan_;
};

}  // namespace

std::vector<std::string> restart_components() {
  return {"frontend", "backend", "database", "redis", "all"};
}

Plan plan_restart(const local::Platform& platform, std::string_view component) {
  return Planner(platform, component).take();
}

}  // namespace auterity::operations
